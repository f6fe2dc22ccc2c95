import type { FileTransferDetails, FileTransferStatus, RecipientStatus } from '../../../typescript/src/wire/types.js'

/** A change of status, of the file transfer or of one recipient, or of the expiry, or a reminder of some. */
export type Happening =
  | { at: string; status: FileTransferStatus; text: string }
  | { at: string; recipient: string; status: RecipientStatus }
  | { at: string; status: 'ExpiryChanged'; until: string }
  | { at: string; reminded: string[]; status: 'Reminded' }

/** All that happened, oldest first, without the initial status of the recipients. */
export function timelineOf(details: FileTransferDetails): Happening[] {
  const ofTransfer = details.fileTransferStatusHistory.map((each) => ({
    at: each.fileTransferStatusChanged,
    status: each.fileTransferStatus,
    text: each.fileTransferStatusText,
  }))
  const ofRecipients = details.recipientFileTransferStatusHistory
    .filter((each) => each.recipientFileTransferStatusCode !== 'Initialized')
    .map((each) => ({
      at: each.recipientFileTransferStatusChanged,
      recipient: each.recipient,
      status: each.recipientFileTransferStatusCode,
    }))
  const reminders = (details.reminderHistory ?? []).map((each) => ({
    at: each.reminded,
    reminded: each.recipients,
    status: 'Reminded' as const,
  }))
  const ofExpiry = (details.expiryHistory ?? []).map((each) => ({
    at: each.expirationTimeChanged,
    status: 'ExpiryChanged' as const,
    until: each.expirationTime,
  }))
  return [...ofTransfer, ...ofRecipients, ...reminders, ...ofExpiry].sort(
    (a, b) => Date.parse(a.at) - Date.parse(b.at) || rank(a) - rank(b),
  )
}

/** At the same instant a cause precedes its effect: the last confirmation closes the transfer. */
const rank = (each: Happening) => (each.status === 'AllConfirmedDownloaded' ? 2 : 'recipient' in each ? 1 : 0)
