import type { FileTransferId } from '../../domain/fileTransfer/state.js'
import type { OrganizationNumber } from '../../domain/organizationNumber.js'
import type { ActivityRow, Day } from '../../domain/projections/activity.js'
import type { EventType } from '../../domain/projections/altinnEvents.js'

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
