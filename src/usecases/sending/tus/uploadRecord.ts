import {
  isComplete,
  releaseLease,
  renewLease,
  type Stored,
  type Tail,
  type TusUpload,
  withStored,
} from '../../../domain/tus/upload.js'
import type { BlobLocation } from '../../ports/blobs.js'
import type { Version } from '../../ports/fileTransfers.js'
import type { Log } from '../../ports/telemetry.js'
import type { BlockStore, ReadUpload, TusUploads } from '../../ports/tus.js'
import type { Staged } from './stageBlocks.js'

export type RecordDeps = {
  tusUploads: TusUploads
  blocks: BlockStore
  now: () => Date
  log: Log
  inBackground: (work: Promise<unknown>) => void
}

/** What is stored is recorded at least this often. */
const RECORD_EVERY_BYTES = 32 * 2 ** 20
/** The same, well before the lease expires. */
const RECORD_EVERY_MS = 10_000

/** The record that one request writes to, as `recordOf` opens it. */
export type UploadRecord = ReturnType<typeof recordOf>

type Closing<Outcome> = { outcome: Outcome; stored: Stored | { staged: Staged; left: Uint8Array } | undefined }

/**
 * The record of the upload while this request writes to it: one write after the other, each under the version that the
 * one before has left.
 */
export function recordOf(
  { tusUploads, blocks, now, log, inBackground }: RecordDeps,
  location: BlobLocation,
  { upload: taken, version: first }: ReadUpload,
) {
  let current = taken
  let version: Version = first
  let recordedBlocks = 0
  let recordedAt = now()
  let isLost = false
  let isClosing = false
  let writing: Promise<void> | undefined

  async function save(next: TusUpload): Promise<void> {
    const saved = await tusUploads.save(location.fileTransferId, next, version)
    if (saved === 'conflict') return settle(next)
    version = saved
    current = next
    recordedAt = now()
  }

  /**
   * A write whose answer was lost may have been made all the same: this one, or one before it, which this one replaces.
   */
  async function settle(next: TusUpload): Promise<void> {
    const found = await tusUploads.read(location.fileTransferId, taken.id)
    if (!found || !isOurs(found.upload) || found.upload.offset > next.offset) {
      isLost = true
      return
    }
    version = found.version
    current = found.upload
    const isThisOne =
      found.upload.offset === next.offset && found.upload.leasedUntil?.getTime() === next.leasedUntil?.getTime()
    if (!isThisOne) await save(next)
  }

  const isOurs = ({ attemptId, lease }: TusUpload) => attemptId === taken.attemptId && lease === taken.lease

  async function tailOf(left: Uint8Array): Promise<Tail | undefined> {
    if (left.length === 0) return undefined
    const name = `${taken.id}-${taken.lease}`
    await blocks.writeTail(location, name, left)
    return { name, sizeBytes: left.length }
  }

  const storedBy = ({ blocks: count, md5State }: Staged): Stored => ({
    blocks: count,
    bytes: count * taken.blockBytes,
    md5State,
  })

  return {
    isLost: () => isLost,

    /** Records what is stored if that is due, but never the last byte, and renews the lease. It does not wait. */
    keepUp(staged: Staged | undefined) {
      const count = staged?.blocks ?? 0
      const reachedByteLimit = (count - recordedBlocks) * taken.blockBytes >= RECORD_EVERY_BYTES
      const reachedTimeLimit = now().getTime() - recordedAt.getTime() >= RECORD_EVERY_MS
      if (writing || isLost || isClosing || !(reachedByteLimit || reachedTimeLimit)) return
      const grown = staged && count > 0 ? withStored(taken, storedBy(staged), now()) : current
      const next = renewLease(isComplete(grown) ? current : grown, now())
      recordedBlocks = count
      writing = save(next)
        .catch((error: unknown) => log('upload.recordLate', { ...location, error: String(error) }))
        .finally(() => {
          writing = undefined
        })
    },

    /** Records the end, and releases the lease. `stored` undefined: nothing more than is recorded. */
    async close<Outcome extends 'end' | 'interrupted' | 'tooMuch' | 'damaged'>({
      outcome,
      stored,
    }: Closing<Outcome>): Promise<{ outcome: Outcome; upload: TusUpload } | { outcome: 'lost' }> {
      const final = stored && (await finalOf(stored)) // the lease is still held
      isClosing = true
      await writing
      if (isLost) return { outcome: 'lost' }
      const next = releaseLease(final ? withStored(taken, final, now()) : current)
      await save(next)
      if (isLost) return { outcome: 'lost' }
      if (taken.tail && next.tail?.name !== taken.tail.name) {
        inBackground(blocks.removeTail(location, taken.tail.name).catch(() => {})) // it goes with the attempt
      }
      return { outcome, upload: next }
    },
  }

  async function finalOf(stored: Stored | { staged: Staged; left: Uint8Array }): Promise<Stored> {
    if (!('staged' in stored)) return stored
    const { staged, left } = stored
    const whole = storedBy(staged)
    return { ...whole, bytes: whole.bytes + left.length, tail: await tailOf(left) }
  }
}
