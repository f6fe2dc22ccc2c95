import type { FileTransferDetails, FileTransferStatus, RecipientStatus } from '../../../typescript/src/wire/types.js'

/** A change of status, of the file transfer or of one recipient, or of the expiry. */
export type StatusChange =
  | { at: string; status: FileTransferStatus; text: string }
  | { at: string; recipient: string; status: RecipientStatus }
  | { at: string; status: 'ExpiryChanged'; until: string }

/** All changes, oldest first, without the initial status of the recipients. */
export function timelineOf(details: FileTransferDetails): StatusChange[] {
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
  const ofExpiry = (details.expiryHistory ?? []).map((each) => ({
    at: each.expirationTimeChanged,
    status: 'ExpiryChanged' as const,
    until: each.expirationTime,
  }))
  return [...ofTransfer, ...ofRecipients, ...ofExpiry].sort(
    (a, b) => Date.parse(a.at) - Date.parse(b.at) || rank(a) - rank(b),
  )
}

/** At the same instant a cause precedes its effect: the last confirmation closes the transfer. */
const rank = (each: StatusChange) => (each.status === 'AllConfirmedDownloaded' ? 2 : 'recipient' in each ? 1 : 0)
