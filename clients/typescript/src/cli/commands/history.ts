import { RECIPIENT_STATUSES } from '../../wire/statuses.js'
import type { FileTransferDetails } from '../../wire/types.js'
import type { Naming } from '../names.js'
import { timeText } from '../times.js'

/** A status of the file transfer, one `by` a recipient, a change of the expiry, or a reminder `to` some. */
type Step = { at: string; status: string; by?: string; to?: string[] }

/** What happened at the same moment, in the order in which it follows from each other. */
const ORDER = [
  ...['Initialized', 'UploadStarted', 'UploadProcessing', 'Published', 'Reminded', 'DownloadStarted'],
  ...['DownloadConfirmed', 'AllConfirmedDownloaded', 'Cancelled', 'Failed', 'Purged'],
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
  const reminders = (details.reminderHistory ?? []).map(
    (step): Step => ({ at: step.reminded, status: 'Reminded', to: step.recipients }),
  )
  const expiry = (details.expiryHistory ?? []).map(
    (change): Step => ({
      at: change.expirationTimeChanged,
      status: `expires ${timeText(change.expirationTime)}, not ${timeText(change.previousExpirationTime)}`,
    }),
  )
  return [...own, ...recipients, ...reminders, ...expiry].toSorted(
    (one, other) =>
      Date.parse(one.at) - Date.parse(other.at) || ORDER.indexOf(one.status) - ORDER.indexOf(other.status),
  )
}

/** One step in a line, without its time. */
export function stepText({ status, by, to }: Step, naming: Naming): string {
  if (by) return `${status} by ${naming(by)}`
  if (!to) return status
  return `${status} ${to.length <= MAX_LISTED ? to.map(naming).join(', ') : `${to.length} recipients`}`
}

/** More recipients are counted, not listed: a file transfer may have a thousand. */
const MAX_LISTED = 20

/** How far the recipients have come. */
export function recipientLines(recipients: FileTransferDetails['recipients'], naming: Naming): string[] {
  if (recipients.length <= MAX_LISTED)
    return recipients.map((each) => `to ${naming(each.recipient)}: ${each.currentRecipientFileTransferStatusCode}`)
  const counts = RECIPIENT_STATUSES.map((status) => {
    const count = recipients.filter((each) => each.currentRecipientFileTransferStatusCode === status).length
    return `${count} ${status}`
  })
  return [`to ${recipients.length} recipients: ${counts.join(', ')} (all of them with --json)`]
}
