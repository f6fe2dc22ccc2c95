import type { Client } from './retryingClient.js'

/** The part of the details of a file transfer that is checked. */
export type Details = {
  fileTransferId: string
  resourceId: string
  fileTransferStatus: string
  checksum: string | null
  fileTransferSize: number
  expirationTime: string
  fileTransferStatusHistory: { fileTransferStatus: string; fileTransferStatusChanged: string }[]
  recipients: { recipient: string; currentRecipientFileTransferStatusCode: string }[]
  recipientFileTransferStatusHistory: {
    recipient: string
    recipientFileTransferStatusCode: string
    recipientFileTransferStatusChanged: string
  }[]
}

/** The transfer and its history, as the sender reads them. */
export const detailsOf = (client: Client, sender: string, id: string): Promise<Details> =>
  client.json<Details>(sender, `filetransfer/${id}/details`)

/** The events that this history requires (processing 11.1), as `type > organisation as role`. */
export function eventsFor(sender: string, { fileTransferStatusHistory, recipients }: Details): string[] {
  const has = (status: string) => fileTransferStatusHistory.some((each) => each.fileTransferStatus === status)
  const all = recipients.map(({ recipient, currentRecipientFileTransferStatusCode: status }) => ({
    organization: recipient.replace('0192:', ''),
    hasConfirmed: status === 'DownloadConfirmed',
  }))
  const toSender = (type: string, isOwed = true) => (isOwed ? [`${type} > ${sender} as Sender`] : [])
  const to = (type: string, some: typeof all) =>
    some.map(({ organization }) => `${type} > ${organization} as Recipient`)
  const confirmed = all.filter(({ hasConfirmed }) => hasConfirmed)
  const reminded = has('Purged') && has('Published') ? all.filter(({ hasConfirmed }) => !hasConfirmed) : []
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
    ...to('fileneverconfirmeddownloaded', reminded),
    ...toSender('fileneverconfirmeddownloaded', reminded.length > 0),
  ].toSorted()
}
