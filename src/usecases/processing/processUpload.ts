import { checkUpload, isToBeRead, recordVerdict } from '../../domain/fileTransfer/upload.js'
import { blobLocation } from '../commit/blobLocation.js'
import { orThrow } from '../commit/orThrow.js'
import type { TransferCommits } from '../commit/transferCommits.js'
import type { FileBlobs } from '../ports/blobs.js'
import type { FileTransferReader } from '../ports/fileTransfers.js'
import type { CheckUploadMessage, Messages, ScanResult } from '../ports/messages.js'
import type { Log } from '../ports/telemetry.js'
import { type HashFileDeps, hashFile } from './hashFile.js'

type CheckDeps = HashFileDeps & { commits: TransferCommits; transfers: FileTransferReader; messages: Messages }

/** Checks the file of a complete upload, and publishes it unless a scan is awaited. Throws to have the message redelivered. */
export const processUpload =
  (deps: CheckDeps) =>
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
      isIntact && isToBeRead(transfer, transfer.file) ? await hashFile(deps, transfer, message.read) : undefined
    if (hashed && 'read' in hashed) return deps.messages.checkUpload({ ...message, read: hashed.read })
    const isThere = isIntact && hashed?.isThere !== false
    await orThrow(deps.commits.change(found, (now, at) => checkUpload(now, attemptId, isThere, at, hashed?.md5)))
  }

type ScanDeps = { commits: TransferCommits; transfers: FileTransferReader; blobs: FileBlobs; log: Log }

/** Records a verdict of the scanner. One about a file that is not ours is ignored. Throws to have the message redelivered. */
export const recordScanResult =
  ({ commits, transfers, blobs, log }: ScanDeps) =>
  async ({ blobUrl, verdict, raw = '' }: ScanResult): Promise<void> => {
    const address = blobs.attemptAt(blobUrl)
    const found = address && (await transfers.read(address.fileTransferId))
    if (!found?.transfer.useVirusScan || found.transfer.serviceOwner !== address?.serviceOwner) {
      return log('scan.unknownFile', address ?? {})
    }
    const { attemptId, fileTransferId } = address
    const recorded = await orThrow(commits.change(found, (now, at) => recordVerdict(now, attemptId, verdict, at)))
    const details = { fileTransferId, attemptId, result: verdict.result }
    if (recorded.facts.length === 0) return log('scan.notNeeded', details)
    if (verdict.result !== 'Clean') log('scan.fileRefused', { ...details, raw })
  }
