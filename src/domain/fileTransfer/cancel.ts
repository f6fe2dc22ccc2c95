import { err, ok } from '../result.js'
import { type Decision, type FileTransfer, heldAttempts, releasing } from './state.js'

/** The sender calls the transfer off, which it may as long as nobody has been told that the file is there. */
export function cancel(transfer: FileTransfer, at: Date): Decision<'FileTransferAlreadyEnded'> {
  switch (transfer.status) {
    case 'Initialized':
    case 'UploadStarted':
    case 'UploadProcessing':
      return ok([{ type: 'Cancelled', ...releasing(transfer, heldAttempts(transfer)), at }])
    case 'Cancelled':
      return ok([])
    case 'Published':
    case 'AllConfirmedDownloaded':
    case 'Failed':
    case 'Purged':
      return err('FileTransferAlreadyEnded')
  }
}
