import type { Digests, FileTransfer } from '../../domain/fileTransfer/state.js'
import { blobLocation } from '../commit/blobLocation.js'
import { digestsOfOneTurn, runningDigests } from '../digests.js'
import type { FileBlobs } from '../ports/blobs.js'
import type { ReadSoFar } from '../ports/messages.js'
import type { Log } from '../ports/telemetry.js'
import type { Hashing } from '../ports/tus.js'

export type HashFileDeps = { blobs: FileBlobs; hashing: Hashing; now: () => Date; log: Log }

/** A message is locked for some minutes only; a file that takes longer is read in turns. */
const TURN_MS = 120_000
/** A file of at most this size is expected to be read in one turn, so that its digests need not be saved. */
const ONE_TURN_BYTES = 4 * 2 ** 30

/**
 * The digests of the file, read as a stream; or how far one turn has come; or `isThere: false`, when the file is not the
 * one that was stored.
 */
export async function hashFile(
  { blobs, hashing, now, log }: HashFileDeps,
  transfer: FileTransfer & { status: 'UploadProcessing' },
  before: ReadSoFar | undefined,
): Promise<({ isThere: true } & Digests) | { read: ReadSoFar } | ({ isThere: false } & Digests)> {
  const { attemptId, etag, sizeBytes } = transfer.file
  const started = now().getTime()
  const isOneTurn = before === undefined && sizeBytes <= ONE_TURN_BYTES
  const running = isOneTurn ? digestsOfOneTurn(hashing) : await runningDigests(hashing, before)
  let bytes = before?.bytes ?? 0
  if (bytes < sizeBytes) {
    const range = bytes > 0 ? { first: bytes, last: sizeBytes - 1 } : undefined
    const source = await blobs.read(blobLocation(transfer, attemptId), etag, range)
    if (!source) return { isThere: false }
    try {
      for await (const chunk of source.bytes) {
        running.update(chunk)
        bytes += chunk.length
        if (bytes === sizeBytes || now().getTime() - started <= TURN_MS) continue
        if (running.save) return { read: running.save(bytes) }
        const again = await runningDigests(hashing, undefined)
        return { read: again.save(0) } // begins again, in turns
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
  return { ...running.digests(), isThere: true }
}
