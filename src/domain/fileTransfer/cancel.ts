import { err, ok } from '../result.js'
import { attemptsInUse, type Decision, type FileTransfer, releaseOf } from './state.js'

/** The sender cancels a transfer that has not been published. */
export function cancel(transfer: FileTransfer, at: Date): Decision<'FileTransferAlreadyEnded'> {
  switch (transfer.status) {
    case 'Initialized':
    case 'UploadStarted':
    case 'UploadProcessing':
      return ok([{ type: 'Cancelled', ...releaseOf(transfer, attemptsInUse(transfer)), at }])
    case 'Cancelled':
      return ok([])
    case 'Published':
    case 'AllConfirmedDownloaded':
    case 'Failed':
    case 'Purged':
      return err('FileTransferAlreadyEnded')
  }
}
