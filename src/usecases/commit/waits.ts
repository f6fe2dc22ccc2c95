import type { FileTransferId } from '../../domain/fileTransfer/state.js'
import type { OrganizationNumber } from '../../domain/organizationNumber.js'

/**
 * A read a second is soon enough for who waits, and cheap. The platform gives an instance 16 calls at a time
 * (`perInstanceConcurrency`): half of them may wait, so that the others still find room.
 */
export const WAITS = { intervalMs: 1000, most: 8 }

// What is waited for, by key, and the type of its values.

/** A `FileTransfer`, or undefined when it has been removed. */
export const transferKey = (id: FileTransferId) => `transfer/${id}`
/** An `InboxHead`. */
export const inboxKey = (organization: OrganizationNumber) => `inbox/${organization}`
