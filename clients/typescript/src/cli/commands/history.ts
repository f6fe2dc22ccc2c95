import type { FileTransferDetails } from '../../wire/types.js'

/** A status of the file transfer, or one `by` a recipient. */
type Step = { at: string; status: string; by?: string }

/** What happened at the same moment, in the order in which it follows from each other. */
const ORDER = [
  ...['Initialized', 'UploadStarted', 'UploadProcessing', 'Published', 'DownloadStarted', 'DownloadConfirmed'],
  ...['AllConfirmedDownloaded', 'Cancelled', 'Failed', 'Purged'],
]

/** What happened to a file transfer and its recipients, in the order of the events. */
export function historyOf(details: FileTransferDetails): Step[] {
  const own = details.fileTransferStatusHistory.map(
    (step): Step => ({ at: step.fileTransferStatusChanged, status: step.fileTransferStatus }),
  )
  const recipients = details.recipientFileTransferStatusHistory
    // Recipients begin with the file transfer: nothing has happened then.
    .filter((step) => step.recipientFileTransferStatusCode !== 'Initialized')
    .map(
      (step): Step => ({
        at: step.recipientFileTransferStatusChanged,
        status: step.recipientFileTransferStatusCode,
        by: step.recipient,
      }),
    )
  return [...own, ...recipients].toSorted(
    (one, other) =>
      Date.parse(one.at) - Date.parse(other.at) || ORDER.indexOf(one.status) - ORDER.indexOf(other.status),
  )
}
