import type { AttemptId, FileTransfer } from '../../domain/fileTransfer/state.js'
import type { BlobPlace } from '../ports/blobs.js'

/** Where the file of this attempt lies. */
export const placeOf = (transfer: FileTransfer, attemptId: AttemptId): BlobPlace => ({
  isScanned: transfer.useVirusScan,
  serviceOwner: transfer.serviceOwner,
  fileTransferId: transfer.id,
  attemptId,
})
