import type { FileTransferId } from '../../domain/fileTransfer/state.js'
import type { OrganizationNumber } from '../../domain/organizationNumber.js'
import type { EventType } from '../../domain/projections/altinnEvents.js'

/** What has happened for a recipient. `eventId`: the id of the CloudEvent, the same when an entry is added twice. */
export type InboxEntry = {
  eventId: string
  type: EventType
  fileTransferId: FileTransferId
  resourceId: string
  at: Date
}

/** An entry with its number: entries are numbered in the order in which they were added, without gaps. */
export type NumberedEntry = InboxEntry & { sequence: number }

/**
 * Where an inbox stands: the numbers of its last entry, and of the last one that has been removed. `epoch`: numbers of
 * another one mean nothing here.
 */
export type InboxHead = { epoch: string; last: number; removed: number }

/** What is new for each organisation as a recipient, in order. */
export type Inbox = {
  /** Adds entries, in this order, after all that are there. The head after that. */
  append(organization: OrganizationNumber, entries: InboxEntry[], at: Date): Promise<InboxHead>
  /** The head of an inbox; it is made where there is none yet. */
  head(organization: OrganizationNumber): Promise<InboxHead>
  /** The entries after this number, up to and including that one, as far as they have not been removed. */
  read(organization: OrganizationNumber, after: number, upTo: number): Promise<NumberedEntry[]>
  /** Removes entries that were added before this time, up to `most`, the oldest of each inbox first; returns how many. */
  removeOlder(than: Date, most: number): Promise<number>
}
