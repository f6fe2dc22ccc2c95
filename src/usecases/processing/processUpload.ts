import { needsHashing } from '../../domain/fileTransfer/checksum.js'
import { checkUpload, recordVerdict } from '../../domain/fileTransfer/processing.js'
import { blobLocation } from '../commit/blobLocation.js'
import { type ChangePorts, change } from '../commit/change.js'
import type { CheckUploadMessage, ScanResult } from '../ports/messages.js'
import type { Hashing } from '../ports/tus.js'
import { hashFile } from './hashFile.js'

/** Looks at the file of a complete upload, and publishes it if nothing else is waited for. Throws to be called again. */
export const processUpload =
  (deps: ChangePorts & { hashing: Hashing }) =>
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
    await orThrow(change(deps, found, (now, at) => checkUpload(now, attemptId, isThere, at, hashed?.md5)))
  }

/** Records a verdict of the scanner. What is not about a file of ours is passed over. Throws to be called again. */
export const recordScanResult =
  (deps: ChangePorts) =>
  async ({ blobUrl, verdict, raw = '' }: ScanResult): Promise<void> => {
    const address = deps.blobs.attemptAt(blobUrl)
    const found = address && (await deps.transfers.read(address.fileTransferId))
    if (!found?.transfer.useVirusScan || found.transfer.serviceOwner !== address?.serviceOwner) {
      return deps.log('scan.unknownFile', address ?? {})
    }
    const { attemptId, fileTransferId } = address
    const recorded = await orThrow(change(deps, found, (now, at) => recordVerdict(now, attemptId, verdict, at)))
    const details = { fileTransferId, attemptId, result: verdict.result }
    if (recorded.facts.length === 0) return deps.log('scan.notNeeded', details)
    if (verdict.result !== 'Clean') deps.log('scan.fileRefused', { ...details, raw })
  }

/** For work that nobody waits for: a change that cannot be made now is tried again by whoever sent the message. */
export async function orThrow<Value, Reason>(
  result: Promise<{ ok: true; value: Value } | { ok: false; reason: Reason }>,
): Promise<Value> {
  const settled = await result
  if (!settled.ok) throw new Error(`Refused: ${settled.reason}`)
  return settled.value
}
