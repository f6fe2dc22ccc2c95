import type { Fact, FileTransfer, FileTransferId } from '../fileTransfer/state.js'
import type { OrganizationNumber } from '../organizationNumber.js'

/** A day in UTC, `2026-11-28`. */
export type Day = string

/** The steps of a file transfer of which the time is kept. Each happens once. */
export const MILESTONES = [
  'uploadedAt',
  'publishedAt',
  'allConfirmedAt',
  'cancelledAt',
  'failedAt',
  'purgedAt',
] as const
export type Milestone = (typeof MILESTONES)[number]

/**
 * How far one file transfer has come, for the view of its service owner. A fact sets a column of its own, always to the
 * same time: rows are merged in any order, and more than once.
 */
export type ActivityRow = {
  serviceOwner: OrganizationNumber
  resourceId: string
  fileTransferId: FileTransferId
  createdAt: Date
} & { [Name in Milestone]?: Date }

/** The day of a time, in UTC. */
export const dayOf = (at: Date): Day => at.toISOString().slice(0, 10)

/** The day this many days before. */
export const daysBefore = (at: Date, days: number): Day => dayOf(new Date(at.getTime() - days * DAY_MS))

const DAY_MS = 86_400_000
/** Rows are kept for the transfers of this many days, today included. */
export const KEPT_DAYS = 14

/** Whether a row is still written. The margin to their removal is larger than clocks differ. */
export const isKept = ({ createdAt }: ActivityRow, now: Date): boolean =>
  dayOf(createdAt) > daysBefore(now, KEPT_DAYS - 1)

/** The step that a fact is; `created` sets no time of its own; undefined: the view does not show it. */
function milestoneOf({ type }: Fact): Milestone | 'created' | undefined {
  switch (type) {
    case 'Initialized':
      return 'created'
    case 'UploadCompleted':
      return 'uploadedAt'
    case 'Published':
      return 'publishedAt'
    case 'AllConfirmedDownloaded':
      return 'allConfirmedAt'
    case 'Cancelled':
      return 'cancelledAt'
    case 'UploadFailed':
    case 'FileWithdrawn':
      return 'failedAt'
    case 'Purged':
      return 'purgedAt'
    case 'UploadStarted':
    case 'UploadContinued':
    case 'UploadLinkGiven':
    case 'UploadAbandoned':
    case 'ScanVerdictRecorded':
    case 'UploadChecked':
    case 'DownloadStarted':
    case 'DownloadConfirmed':
    case 'DownloadReminded':
    case 'ExpiryChanged':
    case 'Unlisted':
      return undefined
  }
}

/** Whether `activityOf` has a row for such a fact. */
export const isActivity = (fact: Fact): boolean => milestoneOf(fact) !== undefined

/** What the facts of one change add to the view of the service owner; undefined: nothing. */
export function activityOf(transfer: FileTransfer, facts: Fact[]): ActivityRow | undefined {
  const shown = facts.filter(isActivity)
  if (shown.length === 0) return undefined
  const times = shown.map((fact) => [milestoneOf(fact), fact.at]).filter(([milestone]) => milestone !== 'created')
  const { serviceOwner, resourceId, id: fileTransferId, createdAt } = transfer
  return { serviceOwner, resourceId, fileTransferId, createdAt, ...Object.fromEntries(times) }
}
