import type { FileTransfer, FileTransferId } from '../../domain/fileTransfer/state.js'
import type { OrganizationNumber } from '../../domain/organizationNumber.js'
import type { InboxHead } from '../ports/inbox.js'

/**
 * A read a second is soon enough, and cheap. The platform gives an instance 16 calls at a time
 * (`perInstanceConcurrency`): half of them may wait, so that the others still find room.
 */
export const WAITS = { intervalMs: 1000, most: 8 }

// What is waited for, by key, the type of its values, and their order.

/** A `FileTransfer`, or undefined when it has been removed. */
export const transferKey = (id: FileTransferId) => `transfer/${id}`
export const isOlderTransfer = (value: FileTransfer | undefined, than: FileTransfer | undefined) =>
  value !== undefined && (than === undefined || value.sequence < than.sequence)

/** An `InboxHead`. */
export const inboxKey = (organization: OrganizationNumber) => `inbox/${organization}`
/** Of two epochs nobody knows which is the older one. */
export const isOlderHead = (value: InboxHead, than: InboxHead) =>
  value.epoch === than.epoch && (value.last < than.last || value.removed < than.removed)
