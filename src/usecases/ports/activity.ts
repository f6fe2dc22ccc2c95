import type { DeadlineKind, FileTransferId } from '../../domain/fileTransfer/state.js'
import type { OrganizationNumber } from '../../domain/organizationNumber.js'
import type { ActivityRow, Day } from '../../domain/projections/activity.js'
import type { ActivityDay, OverdueFile } from '../../domain/projections/activityReport.js'
import type { EventType } from '../../domain/projections/altinnEvents.js'
import type { PartyTotals } from '../../domain/projections/largestParties.js'
import type { Month } from '../../domain/projections/statistics.js'
import type { DeliveryRecord } from './events.js'
import type { DeadLetter } from './operating.js'

/** An event that has failed to reach its actor at least once. `at`: when it happened. */
export type UndeliveredEvent = {
  eventId: string
  fileTransferId: FileTransferId
  resourceId: string
  organization: OrganizationNumber
  type: EventType
  at: Date
}

/** How far the file transfers of the last days have come, a row for each, by service owner and day of creation. */
export type ActivityStore = {
  /** Merges the row with the one that exists; idempotent. */
  record(row: ActivityRow): Promise<void>
  /** The transfers of a service owner that were created on a day; those of a resource follow each other. */
  ofDay(day: Day, owner: OrganizationNumber): AsyncIterable<ActivityRow>
  /** Lists an event whose delivery has failed, on its day; idempotent. */
  addUndelivered(owner: OrganizationNumber, event: UndeliveredEvent): Promise<void>
  /** Takes it from the list, if it is there. */
  removeUndelivered(owner: OrganizationNumber, event: UndeliveredEvent): Promise<void>
  /** The events of a day that are listed. Some may have been delivered since: the delivery log knows. */
  undeliveredOf(day: Day, owner: OrganizationNumber): AsyncIterable<UndeliveredEvent>
  /** Removes rows of the days before this one, up to `limit`; returns how many there were. */
  removeBefore(day: Day, limit: number): Promise<number>
}

/** An event that has not reached its actor within the objective, and the last try. */
export type LateEvent = UndeliveredEvent & { last: DeliveryRecord }

type OverdueDeadline = { fileTransferId: FileTransferId; kind: DeadlineKind; at: Date; resourceId: string }

/** What is later than the objectives, longest first. `isCapped`: there is more than was looked at or is listed. */
type Late = { files: OverdueFile[]; events: LateEvent[]; deadlines: OverdueDeadline[]; isCapped: boolean }

/** The activity of a service owner, newest day first, as of `countedAt`. */
export type OwnerActivity = { countedAt: Date; days: ActivityDay[]; late: Late }

/** A dead letter about a file transfer that exists, and where it lies. */
export type OwnedDeadLetter = DeadLetter & { queue: string; fileTransferId: FileTransferId; resourceId: string }

/** The dead letters of a service owner. `isCapped`: a queue has more than were looked at. */
export type OwnerDeadLetters = { letters: OwnedDeadLetter[]; isCapped: boolean; countedAt: Date }

/** The file transfers of a month, one for each recipient, and their bytes. `isCapped`: there are more. */
export type MonthTotals = { month: Month; fileTransfers: number; sizeBytes: number; isCapped: boolean }

/** The months of a service owner, newest first, and the largest parties of the newest. */
export type OwnerStatistics = {
  countedAt: Date
  months: MonthTotals[]
  senders: PartyTotals[]
  recipients: PartyTotals[]
}
