import { setTimeout as pause } from 'node:timers/promises'
import { odata } from '@azure/data-tables'
import { LRUCache } from 'lru-cache'
import { z } from 'zod'
import type { OrganizationNumber } from '../../domain/organizationNumber.js'
import { EVENT_TYPES } from '../../domain/projections/altinnEvents.js'
import { groupsOf } from '../../lib/groupsOf.js'
import { inTurns } from '../../lib/inTurns.js'
import { retryOnConflict } from '../../lib/retryOnConflict.js'
import { upTo } from '../../lib/upTo.js'
import type { Inbox, InboxEntry, InboxHead, NumberedEntry } from '../../usecases/ports/inbox.js'
import { orConflict } from '../azure/failures.js'
import type { Action } from '../tableService/operations.js'
import type { Table } from '../tableService/table.js'
import { fixedWidth, MAX_ACTIONS, missingEtag, queryRows, readRow } from '../tables/rows.js'

// A partition for each organisation: its head, and a row for each entry. Whatever is added replaces the head under its
// ETag in the same transaction, so that numbers become visible in their order.

const HEAD = 'head'
const ENTRY = 'entry-'
const DIGITS = 16
const rowKeyOf = (sequence: number) => ENTRY + fixedWidth(sequence, DIGITS)

/** Heads that a process remembers, so that it need not read them before it adds. */
const REMEMBERED_HEADS = 10_000
/** An addition that meets other processes is retried so often, with pauses of up to `LONGEST_PAUSE_MS`. */
const TRIES = 40
const LONGEST_PAUSE_MS = 250

const storedHead = z.object({ epoch: z.string(), last: z.int(), removed: z.int(), etag: z.string() })
type StoredHead = z.output<typeof storedHead>

const storedEntry = z.object({
  rowKey: z.string(),
  eventId: z.string(),
  type: z.enum(EVENT_TYPES),
  fileTransferId: z.string(),
  resourceId: z.string(),
  at: z.date(),
  addedAt: z.date(),
})

/** Inboxes in a table. `newId` makes the epoch of a new one. */
export function tableInbox(table: Table, newId: () => string): Inbox {
  const heads = new LRUCache<string, StoredHead>(upTo(REMEMBERED_HEADS))

  async function readHead(organization: string): Promise<StoredHead | undefined> {
    const row = await readRow(table, organization, HEAD)
    return row && storedHead.parse(row)
  }

  /** Replaces the head by what `next` makes of it, and makes these changes with it, or nothing. */
  async function changeHead(
    organization: string,
    next: (head: InboxHead) => { head: InboxHead; more: Action[] },
  ): Promise<InboxHead> {
    const outcome = await retryOnConflict(
      async (attempt) => {
        const known = (attempt === 1 ? heads.get(organization) : undefined) ?? (await readHead(organization))
        const { head, more } = next(known ?? { epoch: newId().slice(0, 8), last: 0, removed: 0 })
        const row = { partitionKey: organization, rowKey: HEAD, ...plain(head) }
        const first: Action = known ? ['update', row, 'Replace', { etag: known.etag }] : ['create', row]
        const written = await orConflict(table.submitTransaction([first, ...more]))
        if (written === 'conflict') {
          heads.delete(organization)
          return written
        }
        heads.set(organization, { ...plain(head), etag: written[0]?.etag ?? missingEtag('an inbox') })
        return plain(head)
      },
      async (attempts) => {
        await pause(Math.random() * Math.min(LONGEST_PAUSE_MS, 5 * 2 ** attempts))
        return attempts < TRIES
      },
    )
    if (outcome === 'conflict')
      throw new Error(`There are too many concurrent writers of the inbox of ${organization}.`)
    return outcome
  }

  const append = inTurns<InboxEntry & { addedAt: Date }, InboxHead>(MAX_ACTIONS - 1, (organization, entries) =>
    changeHead(organization, (head) => ({
      head: { ...head, last: head.last + entries.length },
      more: entries.map(
        (entry, index): Action => [
          'create',
          { partitionKey: organization, rowKey: rowKeyOf(head.last + index + 1), ...entry },
        ],
      ),
    })),
  )

  async function headOf(organization: string): Promise<InboxHead> {
    const found = await readHead(organization)
    if (found) return plain(found)
    heads.delete(organization)
    return changeHead(organization, (head) => ({ head, more: [] }))
  }

  /** The entries of a page, oldest first, that were added before this time. */
  async function firstOlder(organization: string, than: Date): Promise<number[]> {
    const filter = odata`PartitionKey eq ${organization} and RowKey ge ${ENTRY} and RowKey lt ${HEAD}`
    for await (const page of table.listPages({ filter, select: ['RowKey', 'addedAt'], pageSize: MAX_ACTIONS - 1 })) {
      const isYoung = page.findIndex(({ addedAt }) => !(addedAt instanceof Date && addedAt < than))
      const older = isYoung === -1 ? page : page.slice(0, isYoung)
      if (page.length > 0) return older.map(({ rowKey = '' }) => sequenceOf(rowKey))
    }
    return []
  }

  /** The head and its entries are one transaction: a reader sees that they are gone. */
  const removeEntries = (organization: string, older: number[]) =>
    changeHead(organization, (head) => {
      // None that an earlier try, whose answer was lost, or another process has removed.
      const left = older.filter((each) => each > head.removed)
      return {
        head: { ...head, removed: Math.max(head.removed, ...left) },
        more: left.map((each): Action => ['delete', { partitionKey: organization, rowKey: rowKeyOf(each) }]),
      }
    })

  return {
    async append(organization, entries, addedAt) {
      const rows = entries.map((entry) => ({ ...entry, addedAt }))
      const after = await Promise.all(groupsOf(rows, MAX_ACTIONS - 1).map((some) => append(organization, some)))
      return after.at(-1) ?? headOf(organization)
    },

    head: headOf,

    async read(organization, after, upToSequence) {
      const filter = odata`PartitionKey eq ${organization} and RowKey gt ${rowKeyOf(after)} and RowKey le ${rowKeyOf(upToSequence)}`
      return (await Array.fromAsync(queryRows(table, filter))).map(entryOf)
    },

    async removeOlder(than, most) {
      let removed = 0
      let failure: { error: unknown } | undefined
      for await (const organization of partitionsOf(table)) {
        try {
          while (removed < most) {
            const older = await firstOlder(organization, than)
            if (older.length === 0) break
            await removeEntries(organization, older)
            removed += older.length
          }
        } catch (error) {
          failure ??= { error } // an inbox that is busy does not keep the others
        }
        if (removed >= most) break
      }
      if (failure) throw failure.error
      return removed
    },
  }
}

const plain = ({ epoch, last, removed }: InboxHead): InboxHead => ({ epoch, last, removed })
const sequenceOf = (rowKey: string) => Number(rowKey.slice(ENTRY.length))

function entryOf(row: Record<string, unknown>): NumberedEntry {
  const { rowKey, addedAt, ...entry } = storedEntry.parse(row)
  return { sequence: sequenceOf(rowKey), ...entry }
}

/** The partitions of a table, one call for each. */
async function* partitionsOf(table: Table): AsyncGenerator<OrganizationNumber> {
  for (let after = ''; ; ) {
    const filter = odata`PartitionKey gt ${after}`
    const pages = table.listPages({ filter, select: ['PartitionKey'], pageSize: 1 })
    let next: string | undefined
    for await (const [first] of pages) {
      next = first?.partitionKey
      if (next !== undefined) break
    }
    if (next === undefined) return
    yield next as OrganizationNumber
    after = next
  }
}
