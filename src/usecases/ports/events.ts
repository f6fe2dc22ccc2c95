import type { FileTransferId } from '../../domain/fileTransfer/state.js'
import type { OrganizationNumber } from '../../domain/organizationNumber.js'
import type { CloudEvent, EventToPublish } from '../../domain/projections/altinnEvents.js'
import type { DeliveryResult } from '../../domain/projections/deliveryResult.js'

/**
 * One event for one actor. `delivered`: Altinn Events has it, and only the delivery log does not know yet. `refusals`: how often it was refused for
 * what it is.
 */
export type EventDelivery = {
  id: string
  event: EventToPublish
  delivered?: DeliveryTry | undefined
  refusals?: number | undefined
}

/** The last of so many tries to deliver an event, and what came of it. */
export type DeliveryTry = { tries: number; triedAt: Date; answer: DeliveryResult }

/** What came of an event by its last try. */
export type DeliveryRecord = DeliveryTry &
  ({ status: 'Delivered' | 'GivenUp' } | { status: 'Waiting'; nextTryAt: Date })

/** An event that an actor is owed, and what came of it; undefined: it has not been tried. */
export type EventEntry = { id: string; event: EventToPublish; last: DeliveryRecord | undefined }

/** What was tried to deliver the events that actors are owed. */
export type DeliveryLog = {
  read(delivery: EventDelivery): Promise<DeliveryRecord | undefined>
  /** Keeps what came of the last try, unless the event is delivered already. */
  record(delivery: EventDelivery, last: DeliveryRecord): Promise<void>
  /** What was tried for a transfer, or for one organisation that takes part in it, by the ids of the events. */
  ofFileTransfer(id: FileTransferId, organization?: OrganizationNumber): Promise<Map<string, DeliveryRecord>>
  /** Takes away what was tried for a transfer; nothing if there is none. */
  remove(id: FileTransferId): Promise<void>
}

/** Altinn Register, and what is remembered of it. Undefined: Register does not know the organisation. */
export type Parties = { partyId(organization: OrganizationNumber): Promise<string | undefined> }

/** Altinn Events. Tells the HTTP status of its answer; throws when there is none. */
export type EventReceiver = { post(event: CloudEvent): Promise<number> }
