import type { FileTransferDetails, FileTransferStatus, RecipientStatus } from '../../../typescript/src/wire/types.js'

/** Something that happened to a file transfer: to all of it, or with one of its recipients. */
export type Happening =
  | { at: string; status: FileTransferStatus; text: string }
  | { at: string; recipient: string; status: RecipientStatus }

/** All that has happened, oldest first. That a recipient was named is told by the announcement already. */
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
  return [...ofTransfer, ...ofRecipients].sort((a, b) => Date.parse(a.at) - Date.parse(b.at) || rank(a) - rank(b))
}

/** At the same instant a cause goes before what follows from it: the last confirmation closes the transfer. */
const rank = (each: Happening) => (each.status === 'AllConfirmedDownloaded' ? 2 : 'recipient' in each ? 1 : 0)
