import type { AttemptId, FileTransfer } from '../../domain/fileTransfer/state.js'
import type { BlobLocation } from '../ports/blobs.js'

/** The location of the file of this attempt. */
export const blobLocation = (transfer: FileTransfer, attemptId: AttemptId): BlobLocation => ({
  isScanned: transfer.useVirusScan,
  serviceOwner: transfer.serviceOwner,
  fileTransferId: transfer.id,
  attemptId,
})
