import { needsHashing } from '../../domain/fileTransfer/checksum.js'
import { checkUpload } from '../../domain/fileTransfer/processing.js'
import { blobLocation } from '../commit/blobLocation.js'
import { orThrow } from '../commit/orThrow.js'
import type { TransferCommits } from '../commit/transferCommits.js'
import type { FileTransferReader } from '../ports/fileTransfers.js'
import type { CheckUploadMessage, Messages } from '../ports/messages.js'
import { type HashFileDeps, hashFile } from './hashFile.js'

type Deps = HashFileDeps & { commits: TransferCommits; transfers: FileTransferReader; messages: Messages }

/**
 * Checks the file of a complete upload, and publishes it unless a scan is awaited. Throws to have the message
 * redelivered.
 */
export const processUpload =
  (deps: Deps) =>
  async (message: CheckUploadMessage): Promise<void> => {
    const { fileTransferId, attemptId } = message
    const found = await deps.transfers.read(fileTransferId)
    if (found?.transfer.status !== 'UploadProcessing' || found.transfer.file.attemptId !== attemptId) return
    const { transfer } = found
    const { sizeBytes, etag } = transfer.file
    const blob = await deps.blobs.find(blobLocation(transfer, attemptId))
    const isIntact = blob?.sizeBytes === sizeBytes && blob.etag === etag
    if (!isIntact) deps.log('upload.fileChanged', { fileTransferId, attemptId })
    const hashed =
      isIntact && needsHashing(transfer, transfer.file) ? await hashFile(deps, transfer, message.read) : undefined
    if (hashed && 'read' in hashed) return deps.messages.checkUpload({ ...message, read: hashed.read })
    const isThere = isIntact && hashed?.isThere !== false
    await orThrow(deps.commits.change(found, (now, at) => checkUpload(now, attemptId, isThere, at, hashed)))
  }
