import { err, ok } from '../result.js'
import { attemptsInUse, type Decision, deletableFrom, type Fact, type FileTransfer, releaseOf } from './state.js'

/**
 * The sender cancels a transfer; one that is published only for a `reason`, which withdraws it. Recipients who have the
 * file keep it.
 */
export function cancel(transfer: FileTransfer, at: Date, reason?: string): Decision<'FileTransferAlreadyEnded'> {
  const because = reason === undefined ? {} : { reason }
  switch (transfer.status) {
    case 'Initialized':
    case 'UploadStarted':
    case 'UploadProcessing':
      return ok([{ type: 'Cancelled', ...because, ...releaseOf(transfer, attemptsInUse(transfer)), at }])
    case 'Published': {
      if (reason === undefined) return err('FileTransferAlreadyEnded')
      const purgeAt = deletableFrom(transfer.file, at)
      const end: Pick<Fact & { type: 'Cancelled' }, 'released' | 'resumable' | 'purgeAt'> =
        purgeAt > at ? { released: [], purgeAt } : releaseOf(transfer, attemptsInUse(transfer))
      return ok([{ type: 'Cancelled', ...because, ...end, at }])
    }
    case 'Cancelled':
      return ok([])
    case 'AllConfirmedDownloaded':
    case 'Failed':
    case 'Purged':
      return err('FileTransferAlreadyEnded')
  }
}
