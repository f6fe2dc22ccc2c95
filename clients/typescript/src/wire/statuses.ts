import type { FileTransferOverview, FileTransferStatus, RecipientStatus } from './types.js'

/** All statuses of a file transfer, in the order of its life. */
export const FILE_TRANSFER_STATUSES: FileTransferStatus[] = [
  'Initialized',
  'UploadStarted',
  'UploadProcessing',
  'Published',
  'AllConfirmedDownloaded',
  'Cancelled',
  'Purged',
  'Failed',
]

export const RECIPIENT_STATUSES: RecipientStatus[] = ['Initialized', 'DownloadStarted', 'DownloadConfirmed']

/** Whether recipients can download the file. */
export const isDownloadable = (status: FileTransferStatus): boolean =>
  status === 'Published' || status === 'AllConfirmedDownloaded'

/** Whether Broker has all bytes of the file. */
export const isUploaded = (status: FileTransferStatus): boolean =>
  status === 'UploadProcessing' || isDownloadable(status)

/** Whether the file was sent: Broker has all bytes of it, or has published it and deleted it since. */
export const isSent = ({ fileTransferStatus, published }: FileTransferOverview): boolean =>
  isUploaded(fileTransferStatus) || (fileTransferStatus === 'Purged' && Boolean(published))

const PLACE: Record<FileTransferStatus, number> = {
  Initialized: 0,
  UploadStarted: 1,
  UploadProcessing: 2,
  Published: 3,
  AllConfirmedDownloaded: 4,
  Cancelled: 5,
  Failed: 5,
  Purged: 6,
}

/** Whether a file transfer of this status has the wanted one, or can no longer come to it. */
export const isDecided = (status: FileTransferStatus, wanted: FileTransferStatus): boolean =>
  PLACE[status] >= PLACE[wanted]

/** The status that follows when all goes well. */
export const nextStatus = (status: FileTransferStatus): FileTransferStatus =>
  FILE_TRANSFER_STATUSES.find((each) => PLACE[each] === PLACE[status] + 1) ?? 'Purged'

/** Whether no later status follows that a client waits for. */
export const isFinal = (status: FileTransferStatus): boolean =>
  ['AllConfirmedDownloaded', 'Cancelled', 'Purged', 'Failed'].includes(status)
