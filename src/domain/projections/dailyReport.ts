import type { OrganizationNumber } from '../organizationNumber.js'
import type { StatisticsRow } from './statistics.js'

/** The transfers from one sender to one recipient on one resource, created on one day, and their bytes. */
export type DailySummary = {
  /** In UTC, `2026-11-25`. */
  date: string
  serviceOwner: OrganizationNumber
  sender: OrganizationNumber
  recipient: OrganizationNumber
  resourceId: string
  isStatusMessage: boolean
  fileTransfers: number
  sizeBytes: number
}

/**
 * The daily summaries of a month. A transfer counts once for each recipient, as in the original's report (spec 9.2),
 * its bytes only once. The rows of one transfer follow one another.
 */
export function dailySummaries() {
  const days = new Map<string, DailySummary>()
  let previous: string | undefined
  const add = (row: StatisticsRow) => {
    if (!row.createdAt) return
    const { serviceOwner, sender, recipient, resourceId, isStatusMessage = false } = row
    const date = row.createdAt.toISOString().slice(0, 10)
    const group = { date, serviceOwner, sender, recipient, resourceId, isStatusMessage }
    const key = JSON.stringify(group)
    const day = days.get(key) ?? { ...group, fileTransfers: 0, sizeBytes: 0 }
    days.set(key, day)
    day.fileTransfers += 1
    if (row.fileTransferId !== previous) day.sizeBytes += row.sizeBytes ?? 0
    previous = row.fileTransferId
  }
  return { add, days: () => [...days.values()] }
}
