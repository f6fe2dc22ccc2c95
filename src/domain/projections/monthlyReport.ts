import { type OrganizationNumber, withPrefix } from '../organizationNumber.js'
import type { Month, StatisticsRow } from './statistics.js'

/** The parties that a monthly report groups by. */
export type IncludedParties = { endUser: boolean; vendor: boolean }

type Line = Record<(typeof GROUPED)[number], string> & Record<(typeof COUNTED)[number], number>

const GROUPED = ['resourceId', 'senderVendor', 'recipientVendor', 'sender', 'recipient'] as const
const COUNTED = [
  'totalFileTransfers',
  'uploadCount',
  'totalTransferDownloadAttempts',
  'transfersWithDownloadConfirmed',
] as const

/** The order of the lines (spec 9.1), which is not that of the columns. */
const SORTED_BY = ['resourceId', 'sender', 'senderVendor', 'recipient', 'recipientVendor'] as const

/** The monthly report of a service owner as CSV (spec 9.1). Memory grows with its lines, not with the rows. */
export function monthlyReport(month: Month, parties: IncludedParties) {
  const lines = new Map<string, Line>()
  const add = (row: StatisticsRow) => {
    const group = groupOf(row, parties)
    const key = JSON.stringify(group)
    const line = lines.get(key) ?? { ...group, ...zero }
    lines.set(key, line)
    line.totalFileTransfers += row.createdAt ? 1 : 0
    line.uploadCount += row.isPublished ? 1 : 0
    line.totalTransferDownloadAttempts += row.downloads ? row.downloads.last - row.downloads.first + 1 : 0
    line.transfersWithDownloadConfirmed += row.isConfirmed ? 1 : 0
  }
  const csv = (): string => {
    const [year = '', number = ''] = month.split('-')
    const columns = [...GROUPED, ...COUNTED]
    const body = [...lines.values()]
      .toSorted(byOrder)
      .map((line) => [Number(year), Number(number), ...columns.map((column) => line[column])])
    return [['year', 'month', ...columns], ...body].map((values) => `${values.map(field).join(',')}\n`).join('')
  }
  return { add, csv }
}

const zero = {
  totalFileTransfers: 0,
  uploadCount: 0,
  totalTransferDownloadAttempts: 0,
  transfersWithDownloadConfirmed: 0,
}

function groupOf(
  { resourceId, sender, recipient, senderVendor, recipientVendor }: StatisticsRow,
  parties: IncludedParties,
) {
  const party = (isIncluded: boolean, organization: OrganizationNumber | undefined) =>
    isIncluded && organization ? withPrefix(organization) : ''
  return {
    resourceId,
    senderVendor: party(parties.vendor, senderVendor),
    recipientVendor: party(parties.vendor, recipientVendor?.organization),
    sender: party(parties.endUser, sender),
    recipient: party(parties.endUser, recipient),
  }
}

/** Ordinal: by code units. */
function byOrder(one: Line, other: Line): number {
  const column = SORTED_BY.find((each) => one[each] !== other[each])
  if (!column) return 0
  return one[column] < other[column] ? -1 : 1
}

/** Quoted only where it must be (RFC 4180). */
const field = (value: string | number): string =>
  /[",\r\n]/.test(`${value}`) ? `"${`${value}`.replaceAll('"', '""')}"` : `${value}`
