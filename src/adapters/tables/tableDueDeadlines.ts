import { odata, type TableClient } from '@azure/data-tables'
import { z } from 'zod'
import { DEADLINE_KINDS, type Deadline, type FileTransferId } from '../../domain/fileTransfer/state.js'
import type { DueDeadlines, DueRow } from '../../usecases/ports/outbox.js'
import type { Log } from '../../usecases/ports/telemetry.js'
import { orConflict, unless } from '../azure/failures.js'
import { fixedWidth, queryRows, timeKey } from './rows.js'

const SHARDS = 8
const HOUR_MS = 3_600_000

const storedRow = z.object({
  fileTransferId: z.string(),
  kind: z.enum(DEADLINE_KINDS),
  sequence: z.int(),
  at: z.date(),
  tries: z.int(),
  since: z.date(),
  notBefore: z.date(),
})

/**
 * Deadlines in a table, by the hour in which they are due and one of eight shards: what is due is read, oldest first.
 */
export const tableDueDeadlines = (table: TableClient, now: () => Date, log: Log = () => {}): DueDeadlines => ({
  async add(id, deadlines) {
    const row = ({ kind, at, sequence }: Deadline) => ({
      ...keyOf(id, { kind, at, sequence }),
      fileTransferId: id,
      kind,
      sequence,
      at,
      tries: 0,
      since: now(),
      notBefore: at,
    })
    await Promise.all(deadlines.map((deadline) => table.upsertEntity(row(deadline), 'Replace')))
  },

  async remove(id, deadlines) {
    const keys = deadlines.map((deadline) => keyOf(id, deadline))
    await Promise.all(keys.map(({ partitionKey, rowKey }) => unless(404, table.deleteEntity(partitionKey, rowKey))))
  },

  async *dueBy(time) {
    const hour = hourOf(time)
    const past = odata`PartitionKey lt ${hour}`
    const isThisHour = odata`PartitionKey ge ${hour} and PartitionKey lt ${`${hour}~`}`
    const thisHour = `${isThisHour} and ${odata`RowKey lt ${`${timeKey(time)}~`}`}`
    for (const filter of [past, thisHour]) {
      for await (const row of queryRows(table, filter)) {
        const parsed = storedRow.safeParse(row)
        if (!parsed.success) {
          // Perhaps of another version of the app: it stays, and does not hold up the others.
          log('deadline.unreadable', { partitionKey: row.partitionKey, rowKey: row.rowKey })
          continue
        }
        const { notBefore, ...due } = parsed.data
        if (notBefore <= time) yield due
      }
    }
  },

  async scheduleRetry(row, notBefore) {
    const update = { ...keyOf(row.fileTransferId, row), tries: row.tries + 1, notBefore }
    await orConflict(table.updateEntity(update, 'Merge')) // a deadline that was applied meanwhile has no row
  },
})

/** Texts of hours sort as hours do: the number of hours since 1970. */
const hourOf = (at: Date) => fixedWidth(Math.floor(at.getTime() / HOUR_MS), 10)

function keyOf(id: FileTransferId, { kind, at, sequence }: Pick<DueRow, 'kind' | 'at' | 'sequence'>) {
  const shard = Number.parseInt(id.slice(0, 2), 16) % SHARDS
  return { partitionKey: `${hourOf(at)}-${shard}`, rowKey: `${timeKey(at)}-${id}-${kind}-${sequence}` }
}
