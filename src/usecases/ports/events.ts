import type { FileTransferId } from '../../domain/fileTransfer/state.js'
import type { OrganizationNumber } from '../../domain/organizationNumber.js'
import type { CloudEvent, EventToPublish } from '../../domain/projections/altinnEvents.js'
import type { DeliveryResult } from '../../domain/projections/deliveryResult.js'

/**
 * One event for one actor. `isRepeated`: it may have been enqueued before. `delivered`: Altinn Events took it, but that
 * is not recorded yet. `refusals`: how often Altinn has refused it, and would again.
 */
export type EventDelivery = {
  id: string
  event: EventToPublish
  isRepeated?: true | undefined
  delivered?: DeliveryTry | undefined
  refusals?: number | undefined
}

/** The last of this many tries to deliver an event, and its answer. */
export type DeliveryTry = { tries: number; triedAt: Date; answer: DeliveryResult }

/** The last try to deliver an event, and what it means for the event. */
export type DeliveryRecord = DeliveryTry &
  ({ status: 'Delivered' | 'GivenUp' } | { status: 'Waiting'; nextTryAt: Date })

/** An event that an actor is owed, and its last try; undefined: there was none. */
export type EventEntry = { id: string; event: EventToPublish; last: DeliveryRecord | undefined }

/** The last try of each delivery. */
export type DeliveryLog = {
  /** Undefined before the first try. */
  read(delivery: EventDelivery): Promise<DeliveryRecord | undefined>
  /** Records the last try, unless the event is recorded as delivered. */
  record(delivery: EventDelivery, last: DeliveryRecord): Promise<void>
  /** The records of a transfer, or of one organisation in it, by the ids of the events. */
  ofFileTransfer(id: FileTransferId, organization?: OrganizationNumber): Promise<Map<string, DeliveryRecord>>
  /** Removes the records of a transfer, if there are any. */
  remove(id: FileTransferId): Promise<void>
}

/** Altinn Register, with a cache. Undefined: Register does not know the organisation. */
export type Parties = { partyId(organization: OrganizationNumber): Promise<string | undefined> }

/** Names of Altinn Register in the order of the organisations, which may be a day old. Undefined: it knows none. */
export type Names = { namesOf(organizations: OrganizationNumber[]): Promise<(string | undefined)[]> }

/** Altinn Events. Returns the HTTP status of its answer; throws when there is none. */
export type EventReceiver = { post(event: CloudEvent): Promise<number> }
