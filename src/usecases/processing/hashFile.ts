import type { FileTransfer } from '../../domain/fileTransfer/state.js'
import { blobLocation } from '../commit/blobLocation.js'
import type { FileBlobs } from '../ports/blobs.js'
import type { Log } from '../ports/telemetry.js'
import type { Hashing } from '../ports/tus.js'

export type HashFileDeps = { blobs: FileBlobs; hashing: Hashing; now: () => Date; log: Log }

/** How far a file has been read, and the state of its MD5 there. */
export type ReadSoFar = { bytes: number; md5State: string }

/** A message is locked for some minutes only; a file that takes longer is read in turns. */
const TURN_MS = 120_000
/** A file of at most this size is expected to be read in one turn, so that its MD5 need not be saved. */
const ONE_TURN_BYTES = 4 * 2 ** 30

/**
 * The MD5 of the file, read as a stream; or how far one turn has come; or `isThere: false`, when the file is not the
 * one that was stored.
 */
export async function hashFile(
  { blobs, hashing, now, log }: HashFileDeps,
  transfer: FileTransfer & { status: 'UploadProcessing' },
  before: ReadSoFar | undefined,
): Promise<{ md5: string; isThere: true } | { read: ReadSoFar } | { isThere: false; md5?: undefined }> {
  const { attemptId, etag, sizeBytes } = transfer.file
  const started = now().getTime()
  const isOneTurn = before === undefined && sizeBytes <= ONE_TURN_BYTES
  const running = isOneTurn ? undefined : await hashing.runningMd5(before?.md5State)
  const md5 = running ?? hashing.md5()
  let bytes = before?.bytes ?? 0
  if (bytes < sizeBytes) {
    const range = bytes > 0 ? { first: bytes, last: sizeBytes - 1 } : undefined
    const source = await blobs.read(blobLocation(transfer, attemptId), etag, range)
    if (!source) return { isThere: false }
    try {
      for await (const chunk of source.bytes) {
        md5.update(chunk)
        bytes += chunk.length
        if (bytes === sizeBytes || now().getTime() - started <= TURN_MS) continue
        if (running) return { read: { bytes, md5State: running.save() } }
        return { read: { bytes: 0, md5State: (await hashing.runningMd5()).save() } } // begins again, in turns
      }
    } finally {
      source.close()
    }
  }
  if (bytes !== sizeBytes) throw new Error(`A file ended after ${bytes} of ${sizeBytes} bytes.`)
  log('upload.hashed', {
    fileTransferId: transfer.id,
    attemptId,
    sizeBytes,
    milliseconds: now().getTime() - started,
  })
  return { md5: md5.digest(), isThere: true }
}
