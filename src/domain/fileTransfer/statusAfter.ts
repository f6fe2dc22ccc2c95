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
