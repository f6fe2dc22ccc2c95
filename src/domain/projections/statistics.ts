import { type Fact, type FileTransfer, type FileTransferId, recipientsOf } from '../fileTransfer/state.js'
import type { OrganizationNumber } from '../organizationNumber.js'

/** A month in UTC, `2026-11`. */
export type Month = string

/** The numbers of a recipient's first and last download in a month. */
export type DownloadNumbers = { first: number; last: number }

/**
 * The statistics of one recipient of one file transfer in one month. `mergeRows` is commutative and idempotent, so that
 * messages may be redelivered.
 */
export type StatisticsRow = {
  month: Month
  serviceOwner: OrganizationNumber
  resourceId: string
  fileTransferId: FileTransferId
  recipient: OrganizationNumber
  sender: OrganizationNumber
  senderVendor?: OrganizationNumber
  /** Defined when the transfer was created in this month. */
  createdAt?: Date
  /** The size of the file, in the month of the transfer's creation. */
  sizeBytes?: number
  isPublished?: true
  isConfirmed?: true
  downloads?: DownloadNumbers
  /** The last vendor that acted for the recipient, and the sequence number of the fact. */
  recipientVendor?: { organization: OrganizationNumber; sequence: number }
  /** The transfer is a status message by its properties; some reports leave those out. */
  isStatusMessage?: true
}

/** The month of a time, in UTC. */
export const monthOf = (at: Date): Month => at.toISOString().slice(0, 7)

const COUNTED = new Set<Fact['type']>([
  'Initialized',
  'UploadCompleted',
  'Published',
  'DownloadStarted',
  'DownloadConfirmed',
])
/** Whether `statisticsOf` has rows for such a fact. */
export const isCounted = ({ type }: Fact): boolean => COUNTED.has(type)

/** The statistics of a fact: rows to be merged with those in the table. */
export function statisticsOf(transfer: FileTransfer, fact: Fact, sequence: number): StatisticsRow[] {
  const row = (recipient: OrganizationNumber, at: Date): StatisticsRow => ({
    month: monthOf(at),
    serviceOwner: transfer.serviceOwner,
    resourceId: transfer.resourceId,
    fileTransferId: transfer.id,
    recipient,
    sender: transfer.sender,
    ...(transfer.vendor && { senderVendor: transfer.vendor }),
    ...(isStatusMessage(transfer) && { isStatusMessage: true }),
  })
  const rows = (at: Date) => recipientsOf(transfer).map((each) => row(each, at))
  const { createdAt } = transfer
  switch (fact.type) {
    case 'Initialized':
      return rows(createdAt).map((each) => ({ ...each, createdAt }))
    case 'UploadCompleted':
      return rows(createdAt).map((each) => ({ ...each, createdAt, sizeBytes: fact.file.sizeBytes }))
    case 'Published':
      return rows(fact.at).map((each) => ({ ...each, isPublished: true }))
    case 'DownloadStarted':
    case 'DownloadConfirmed': {
      const { recipient, vendor } = fact
      const acted =
        fact.type === 'DownloadStarted'
          ? { downloads: { first: fact.number, last: fact.number } }
          : { isConfirmed: true as const }
      const by = vendor && { recipientVendor: { organization: vendor, sequence } }
      return [{ ...row(recipient, fact.at), ...acted, ...by }]
    }
    case 'UploadStarted':
    case 'UploadContinued':
    case 'UploadLinkGiven':
    case 'UploadAbandoned':
    case 'ScanVerdictRecorded':
    case 'UploadChecked':
    case 'UploadFailed':
    case 'FileWithdrawn':
    case 'DownloadReminded':
    case 'AllConfirmedDownloaded':
    case 'ExpiryChanged':
    case 'Purged':
    case 'Cancelled':
    case 'Unlisted':
      return []
  }
}

/** One row from two of the same key. */
export function mergeRows(one: StatisticsRow, other: StatisticsRow): StatisticsRow {
  const downloads = [one.downloads, other.downloads].filter((each) => each !== undefined)
  const vendors = [one.recipientVendor, other.recipientVendor].filter((each) => each !== undefined)
  const [newest] = vendors.toSorted((a, b) => b.sequence - a.sequence)
  const span = {
    first: Math.min(...downloads.map(({ first }) => first)),
    last: Math.max(...downloads.map(({ last }) => last)),
  }
  return {
    ...one,
    ...other,
    ...(downloads.length > 0 && { downloads: span }),
    ...(newest && { recipientVendor: newest }),
  }
}

/** The rows of one file transfer, merged by month and recipient. */
export function mergeByKey(rows: StatisticsRow[]): StatisticsRow[] {
  const byKey = new Map<string, StatisticsRow>()
  for (const row of rows) {
    const key = `${row.month} ${row.recipient}`
    const known = byKey.get(key)
    byKey.set(key, known ? mergeRows(known, row) : row)
  }
  return [...byKey.values()]
}

/** Spec 9.2: a property `statusmessage` = `true`, in any case. */
const isStatusMessage = ({ propertyList }: FileTransfer): boolean =>
  Object.entries(propertyList).some(
    ([name, value]) => name.toLowerCase() === 'statusmessage' && value.toLowerCase() === 'true',
  )
