import { odata } from '@azure/data-tables'
import { z } from 'zod'
import { DEADLINE_KINDS, type Deadline, type FileTransferId } from '../../domain/fileTransfer/state.js'
import type { LogEvent } from '../../domain/projections/logEvents.js'
import type { DueDeadlines, Outbox, OutboxEntry } from '../../usecases/ports/outbox.js'
import type { Log } from '../../usecases/ports/telemetry.js'
import { orConflict, unless } from '../azure/failures.js'
import { organization } from '../schemas.js'
import type { Action } from '../tableService/operations.js'
import type { Table } from '../tableService/table.js'
import { groupCommit } from './groupCommit.js'
import { fixedWidth, queryRows, timeKey } from './rows.js'

// The outbox and the deadlines are in one table, `Due`, so that a change writes both in one call:
//   PK = `shard-N`, by the id of the transfer; RK = `change-…` for an outbox entry, `due-{time}-…` for a deadline.
// Versions before 0.2.0 had outbox entries in the table `Pending`, and deadlines in partitions of `Due` that are named
// by their hour and a shard. Both are still read, and removed when they are done with.

const SHARDS = 8
const CHANGE = 'change-'
const DUE = 'due-'

const searchers = z.array(
  z.object({
    organization,
    resourceId: z.string(),
    role: z.enum(['Sender', 'Recipient']),
    partition: z.number().exactOptional(),
  }),
)
const storedEntry = z.object({
  changeId: z.string(),
  fileTransferId: z.string(),
  first: z.int(),
  since: z.date(),
  searchers: z
    .string()
    .transform((text, context) => {
      try {
        return searchers.parse(JSON.parse(text))
      } catch (error) {
        context.addIssue(String(error))
        return z.NEVER
      }
    })
    .exactOptional(),
})

const storedDeadline = z.object({
  fileTransferId: z.string(),
  kind: z.enum(DEADLINE_KINDS),
  sequence: z.int(),
  at: z.date(),
  tries: z.int(),
  since: z.date(),
  notBefore: z.date(),
})

type Key = { partitionKey: string; rowKey: string }

/**
 * The outbox, which is almost empty but for changes that were interrupted, and the deadlines. `before020`: the table
 * `Pending`.
 */
export function tablePending(
  { due: table, before020 }: { due: Table; before020: Table },
  now: () => Date,
  log: Log = () => {},
): { outbox: Outbox; due: DueDeadlines } {
  const submit = groupCommit(table)

  /** Removes these rows, and writes others, as one; where a row is not there, the others are removed all the same. */
  async function replace(gone: Gone[], added: Action[], canWait = false): Promise<void> {
    const actions = [...added, ...gone.map(({ key }) => removal(key))]
    const isDone = submit(actions, { canWait }).then(() => true)
    if (await unless(404, isDone)) return
    await submit(added)
    await Promise.all(gone.map(remove))
  }

  async function remove({ key, removeBefore020 }: Gone): Promise<void> {
    const isRemoved = await unless(
      404,
      submit([removal(key)]).then(() => true),
    )
    if (!isRemoved) await unless(404, removeBefore020())
  }

  const goneEntry = (entry: OutboxEntry): Gone => ({
    key: entryKey(entry),
    removeBefore020: () => deleteRow(before020, entryKeyBefore020(entry)),
  })
  const goneDeadline = (id: FileTransferId, deadline: Deadline): Gone => ({
    key: dueKey(id, deadline),
    removeBefore020: () => deleteRow(table, dueKeyBefore020(id, deadline)),
  })
  const added = (id: FileTransferId, deadlines: Deadline[], since: Date) =>
    deadlines.map(({ kind, at, sequence }): Action => {
      const deadline = { fileTransferId: id, kind, sequence, at, tries: 0, since, notBefore: at }
      return ['upsert', { ...dueKey(id, deadline), ...deadline }, 'Replace']
    })

  async function* rowsOf<Value>(client: Table, filter: string, schema: z.ZodType<Value>, unreadable: LogEvent) {
    for await (const row of queryRows(client, filter)) {
      const { data } = schema.safeParse(row)
      if (data) yield data
      // Perhaps of another version of the app: it stays, and does not hold up the others.
      else log(unreadable, { partitionKey: row.partitionKey, rowKey: row.rowKey })
    }
  }

  /** The deadlines whose time has come, also those whose next try has not. */
  async function* deadlinesUntil(time: Date) {
    const end = `${timeKey(time)}~`
    const isInShard = (partition: string) =>
      odata`PartitionKey eq ${partition} and RowKey ge ${DUE} and RowKey lt ${DUE + end}`
    const hour = hourOf(time)
    const isPastHour = odata`PartitionKey lt ${hour}`
    const isThisHour = odata`PartitionKey ge ${hour} and PartitionKey lt ${`${hour}~`} and RowKey lt ${end}`
    for (const filter of [isPastHour, isThisHour, ...PARTITIONS.map(isInShard)]) {
      yield* rowsOf(table, filter, storedDeadline, 'deadline.unreadable')
    }
  }

  return {
    outbox: {
      async add(entry, deadlines) {
        const { searchers, ...columns } = entry
        const since = now()
        const row = {
          ...entryKey(entry),
          ...columns,
          ...(searchers && { searchers: JSON.stringify(searchers) }),
          since,
        }
        // Upserts, since a try whose answer was lost is repeated.
        await submit([['upsert', row, 'Replace'], ...added(entry.fileTransferId, deadlines, since)])
      },

      async remove(entry, obsolete) {
        const deadlines = obsolete.map((each) => goneDeadline(entry.fileTransferId, each))
        await replace([goneEntry(entry), ...deadlines], [], true)
      },

      async *all() {
        yield* rowsOf(before020, '', storedEntry, 'outbox.unreadable')
        for (const partition of PARTITIONS) {
          const filter = odata`PartitionKey eq ${partition} and RowKey ge ${CHANGE} and RowKey lt ${`${CHANGE}~`}`
          yield* rowsOf(table, filter, storedEntry, 'outbox.unreadable')
        }
      },
    },

    due: {
      replace: (id, gone, deadlines) =>
        replace(
          gone.map((each) => goneDeadline(id, each)),
          added(id, deadlines, now()),
        ),

      async *dueBy(time) {
        for await (const { notBefore, ...due } of deadlinesUntil(time)) if (notBefore <= time) yield due
      },

      async *overdue(before) {
        for await (const { notBefore, ...due } of deadlinesUntil(before)) if (due.at < before) yield due
      },

      async scheduleRetry(row, notBefore) {
        const { fileTransferId: id, tries } = row
        const update = { tries: tries + 1, notBefore }
        const isUpdated = await orConflict(submit([['update', { ...dueKey(id, row), ...update }, 'Merge']]))
        // A deadline that was applied meanwhile has no row.
        if (isUpdated === 'conflict') {
          await orConflict(table.updateEntity({ ...dueKeyBefore020(id, row), ...update }, 'Merge'))
        }
      },
    },
  }
}

type Gone = { key: Key; removeBefore020: () => Promise<unknown> }

const removal = (key: Key): Action => ['delete', key]
const deleteRow = (table: Table, { partitionKey, rowKey }: Key) => table.deleteEntity(partitionKey, rowKey)

const PARTITIONS = Array.from({ length: SHARDS }, (_, shard) => `shard-${shard}`)
const shardOf = (id: FileTransferId) => Number.parseInt(id.slice(0, 2), 16) % SHARDS
const partitionOf = (id: FileTransferId) => `shard-${shardOf(id)}`

const entryKey = ({ fileTransferId, changeId }: OutboxEntry): Key => ({
  partitionKey: partitionOf(fileTransferId),
  rowKey: `${CHANGE}${fileTransferId}-${changeId}`,
})
const entryKeyBefore020 = ({ fileTransferId, changeId }: OutboxEntry): Key => ({
  partitionKey: String(shardOf(fileTransferId)),
  rowKey: `${fileTransferId}-${changeId}`,
})

const deadlineKey = (id: FileTransferId, { kind, at, sequence }: Deadline) => `${timeKey(at)}-${id}-${kind}-${sequence}`
const dueKey = (id: FileTransferId, deadline: Deadline): Key => ({
  partitionKey: partitionOf(id),
  rowKey: DUE + deadlineKey(id, deadline),
})
const dueKeyBefore020 = (id: FileTransferId, deadline: Deadline): Key => ({
  partitionKey: `${hourOf(deadline.at)}-${shardOf(id)}`,
  rowKey: deadlineKey(id, deadline),
})

/** Texts of hours sort as hours do: the number of hours since 1970. They sort before `shard-N`. */
const hourOf = (at: Date) => fixedWidth(Math.floor(at.getTime() / HOUR_MS), 10)
const HOUR_MS = 3_600_000
