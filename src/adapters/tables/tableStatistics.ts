import { odata } from '@azure/data-tables'
import { z } from 'zod'
import { mergeRows, type StatisticsRow } from '../../domain/projections/statistics.js'
import type { StatisticsStore } from '../../usecases/ports/statistics.js'
import { orConflict } from '../azure/failures.js'
import { organization } from '../schemas.js'
import type { Action } from '../tableService/operations.js'
import type { Table } from '../tableService/table.js'
import { type GroupCommit, groupCommit } from './groupCommit.js'
import { keyPart, MAX_ACTIONS, queryRows, readRow, retryConflicts } from './rows.js'

/** How often a conflict with concurrent writers is retried. */
const TRIES = 20
/** The partition of months that changed after their end. It sorts after every month. */
const LATE = 'late'

const stored = z.object({
  partitionKey: z.string(),
  resourceId: z.string(),
  fileTransferId: z.string(),
  serviceOwner: organization,
  sender: organization,
  recipient: organization,
  senderVendor: organization.exactOptional(),
  createdAt: z.date().exactOptional(),
  sizeBytes: z.string().transform(Number).exactOptional(),
  isPublished: z.literal(true).exactOptional(),
  isConfirmed: z.literal(true).exactOptional(),
  firstDownload: z.int().exactOptional(),
  lastDownload: z.int().exactOptional(),
  recipientVendor: organization.exactOptional(),
  vendorSequence: z.int().exactOptional(),
  isStatusMessage: z.literal(true).exactOptional(),
})

/** Statistics in a table, a partition for each month, service owner and resource: a report reads one range. */
export const tableStatistics = (table: Table): StatisticsStore => {
  const submit = groupCommit(table)
  return { merge: (rows) => merge(table, submit, rows), ...readStatistics(table) }
}

async function merge(table: Table, submit: GroupCommit, rows: StatisticsRow[]): Promise<void> {
  // Flags can be set without reading the row; downloads are added up.
  const isCounted = ({ downloads, recipientVendor }: StatisticsRow) => downloads || recipientVendor
  const flags = rows.filter((row) => !isCounted(row))
  for (let at = 0; at < flags.length; at += MAX_ACTIONS) {
    const some = flags.slice(at, at + MAX_ACTIONS)
    await submit(some.map((row): Action => ['upsert', entityOf(row), 'Merge']))
  }
  for (const row of rows.filter(isCounted)) await mergeOne(table, submit, row)
}

const readStatistics = (table: Table): Omit<StatisticsStore, 'merge'> => ({
  ofServiceOwner: (month, owner, resourceId) => {
    const prefix = `${month} ${owner} `
    const filter =
      resourceId === undefined
        ? odata`PartitionKey ge ${prefix} and PartitionKey lt ${`${prefix}~`}`
        : odata`PartitionKey eq ${prefix + keyPart(resourceId)}`
    return rowsOf(table, filter)
  },

  ofMonth: (month) => rowsOf(table, odata`PartitionKey ge ${`${month} `} and PartitionKey lt ${`${month} ~`}`),

  async months() {
    const found: string[] = []
    for (let after = '0'; ; after = `${found.at(-1)} ~`) {
      const filter = odata`PartitionKey gt ${after} and PartitionKey lt ${LATE}`
      const page = table.listPages({ filter, select: ['PartitionKey'], pageSize: 1 })
      const [first] = (await firstNonEmpty(page)) ?? []
      if (!first?.partitionKey) return found
      found.push(first.partitionKey.slice(0, '2026-11'.length))
    }
  },

  async recordLateChange(month, at) {
    await table.upsertEntity({ partitionKey: LATE, rowKey: month, at }, 'Replace')
  },

  async lastLateChange(month) {
    const row = await readRow(table, LATE, month)
    return row && z.object({ at: z.date() }).parse(row).at
  },
})

/** A page may be empty although more follow. */
async function firstNonEmpty<Row>(pages: AsyncIterable<Row[]>): Promise<Row[] | undefined> {
  for await (const page of pages) if (page.length > 0) return page
  return undefined
}

async function* rowsOf(table: Table, filter: string) {
  for await (const row of queryRows(table, filter)) yield rowOf(row)
}

async function mergeOne(table: Table, submit: GroupCommit, row: StatisticsRow): Promise<void> {
  const { partitionKey, rowKey } = keyOf(row)
  await retryConflicts(`the statistics of ${row.fileTransferId}`, TRIES, async () => {
    const existing = await readRow(table, partitionKey, rowKey)
    const action: Action = existing
      ? ['update', entityOf(mergeRows(rowOf(existing), row)), 'Replace', { etag: existing.etag ?? '' }]
      : ['create', entityOf(row)]
    return orConflict(submit([action]))
  })
}

const keyOf = ({ month, serviceOwner, resourceId, fileTransferId, recipient }: StatisticsRow) => ({
  partitionKey: `${month} ${serviceOwner} ${keyPart(resourceId)}`,
  rowKey: `${fileTransferId} ${recipient}`,
})

function entityOf({ month, downloads, recipientVendor, ...row }: StatisticsRow) {
  return {
    ...keyOf({ month, ...row }),
    ...row,
    ...(row.sizeBytes !== undefined && { sizeBytes: String(row.sizeBytes) }),
    ...(downloads && { firstDownload: downloads.first, lastDownload: downloads.last }),
    ...(recipientVendor && {
      recipientVendor: recipientVendor.organization,
      vendorSequence: recipientVendor.sequence,
    }),
  }
}

function rowOf(entity: Record<string, unknown>): StatisticsRow {
  const { partitionKey, firstDownload, lastDownload, recipientVendor, vendorSequence, ...row } = stored.parse(entity)
  return {
    month: partitionKey.slice(0, '2026-11'.length),
    ...row,
    ...(firstDownload !== undefined &&
      lastDownload !== undefined && { downloads: { first: firstDownload, last: lastDownload } }),
    ...(recipientVendor &&
      vendorSequence !== undefined && {
        recipientVendor: { organization: recipientVendor, sequence: vendorSequence },
      }),
  }
}
