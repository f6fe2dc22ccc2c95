import type { Fact, FileTransferStatus } from './fileTransfer/state.js'

/** The status that a transfer enters by this fact, also when it had it before; undefined: the fact does not change it. */
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
    case 'Unlisted':
      return undefined
  }
}
