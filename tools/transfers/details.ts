import type { Client } from './retryingClient.js'

/** The part of the details of a file transfer that is checked. */
export type Details = {
  fileTransferId: string
  resourceId: string
  fileTransferStatus: string
  checksum: string | null
  fileTransferSize: number
  expirationTime: string
  fileTransferStatusHistory: {
    fileTransferStatus: string
    fileTransferStatusText: string
    fileTransferStatusChanged: string
  }[]
  recipients: { recipient: string; currentRecipientFileTransferStatusCode: string }[]
  recipientFileTransferStatusHistory: {
    recipient: string
    recipientFileTransferStatusCode: string
    recipientFileTransferStatusChanged: string
  }[]
  reminderHistory?: { reminded: string; recipients: string[] }[]
  expiryHistory?: { previousExpirationTime: string; expirationTime: string; expirationTimeChanged: string }[]
}

/** The transfer and its history, as the sender reads them. */
export const detailsOf = (client: Client, sender: string, id: string): Promise<Details> =>
  client.json<Details>(sender, `filetransfer/${id}/details`)

/** When a recipient confirmed, for the first time; undefined: not. */
export function confirmedAt({ recipientFileTransferStatusHistory }: Details, organization: string): number | undefined {
  const own = recipientFileTransferStatusHistory.find(
    ({ recipient, recipientFileTransferStatusCode: status }) =>
      recipient === `0192:${organization}` && status === 'DownloadConfirmed',
  )
  return own && Date.parse(own.recipientFileTransferStatusChanged)
}

/** The events that this history requires (processing 11.1), as `type > organisation as role`. */
export function eventsFor(sender: string, details: Details): string[] {
  const { fileTransferStatusHistory, recipients, reminderHistory = [], expiryHistory = [] } = details
  const has = (status: string) => fileTransferStatusHistory.some((each) => each.fileTransferStatus === status)
  const all = recipients.map(({ recipient, currentRecipientFileTransferStatusCode: status }) => ({
    organization: recipient.replace('0192:', ''),
    hasConfirmed: status === 'DownloadConfirmed',
    hasBegun: status !== 'Initialized',
  }))
  const toSender = (type: string, isOwed = true) => (isOwed ? [`${type} > ${sender} as Sender`] : [])
  const to = (type: string, some: { organization: string }[]) =>
    some.map(({ organization }) => `${type} > ${organization} as Recipient`)
  const confirmed = all.filter(({ hasConfirmed }) => hasConfirmed)
  const isWithdrawn = has('Published') && has('Cancelled')
  const couldConfirm = has('Published') && !isWithdrawn
  const unconfirmed = has('Purged') && couldConfirm ? all.filter(({ hasConfirmed }) => !hasConfirmed) : []
  const reminded = reminderHistory.flatMap((each) => each.recipients.map((one) => ({ organization: one.slice(5) })))
  const moved = expiryHistory.flatMap(({ expirationTimeChanged: at }) =>
    all.filter(({ organization }) => !((confirmedAt(details, organization) ?? Infinity) < Date.parse(at))),
  )
  return [
    ...toSender('filetransferinitialized'),
    ...toSender('uploadprocessing', has('UploadProcessing')),
    ...toSender('uploadfailed', has('Failed')),
    ...toSender('published', has('Published')),
    ...to('published', has('Published') ? all : []),
    ...confirmed.flatMap(() => toSender('downloadconfirmed')),
    ...to('downloadconfirmed', confirmed),
    ...toSender('allconfirmeddownloaded', has('AllConfirmedDownloaded')),
    ...toSender('filepurged', has('Purged')),
    ...to('fileneverconfirmeddownloaded', unconfirmed),
    ...toSender('fileneverconfirmeddownloaded', unconfirmed.length > 0),
    ...to('downloadreminder', reminded),
    ...to('expirychanged', moved),
    ...toSender('cancelled', isWithdrawn),
    ...to('cancelled', isWithdrawn ? all.filter(({ hasBegun }) => !hasBegun) : []),
  ].toSorted()
}
