import type { Fact, FileTransferStatus } from './state.js'

/** The status that a fact sets, also when the transfer had it already; undefined when it sets none. */
export function statusAfter({ type }: Fact): FileTransferStatus | undefined {
  switch (type) {
    case 'Initialized':
    case 'UploadStarted':
    case 'Published':
    case 'AllConfirmedDownloaded':
    case 'Purged':
    case 'Cancelled':
      return type
    case 'UploadCompleted':
      return 'UploadProcessing'
    case 'UploadFailed':
    case 'FileWithdrawn':
      return 'Failed'
    case 'UploadContinued':
    case 'UploadLinkGiven':
    case 'UploadAbandoned':
    case 'ScanVerdictRecorded':
    case 'UploadChecked':
    case 'DownloadStarted':
    case 'DownloadConfirmed':
    case 'DownloadReminded':
    case 'ExpiryChanged':
    case 'Unlisted':
      return undefined
  }
}

/** A status never comes after one of a later place, nor after another of the same. */
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

/** Whether a transfer of this status has the wanted one, or can no longer come to it. */
export const isDecided = (status: FileTransferStatus, wanted: FileTransferStatus): boolean =>
  PLACE[status] >= PLACE[wanted]
