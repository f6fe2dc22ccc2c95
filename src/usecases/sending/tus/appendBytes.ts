import { isPart, nextPosition, type Stored, type TusUpload } from '../../../domain/tus/upload.js'
import type { BlobLocation } from '../../ports/blobs.js'
import type { Hashing, Incoming, ReadUpload, RequestProgress, RunningDigest } from '../../ports/tus.js'
import { type ScheduleDeps, scheduleFinish } from './finishUpload.js'
import { type Staged, stageBlocks, writerOf } from './stageBlocks.js'
import { type RecordDeps, recordOf, type UploadRecord } from './uploadRecord.js'

export type AppendBytesDeps = RecordDeps &
  ScheduleDeps & {
    hashing: Hashing
    /** A request that declares at most this many bytes counts whole or not at all. */
    wholePatchBytes: number
  }

/**
 * How the request ended. `upload` is as it is recorded now. 'end' and 'interrupted' keep all bytes that came, but of a
 * request that counts whole 'interrupted' keeps none; nothing is kept of a request with too many bytes, or with a wrong
 * checksum. 'lost': another request has taken the lease. 'failed': the storage did not take all bytes.
 */
export type Appended =
  | { outcome: 'end' | 'interrupted' | 'tooMuch' | 'damaged'; upload: TusUpload }
  | { outcome: 'lost' }
  | { outcome: 'failed'; error: unknown }

/** How often the lease is renewed if it is due, also while no byte comes because the storage is slow. */
const KEEP_UP_EVERY_MS = 2_500

/** Stores bytes after those of an upload that this request has leased, and records them. What it answers is durable. */
export async function appendBytes(
  deps: AppendBytesDeps,
  location: BlobLocation,
  taken: ReadUpload,
  { body, checksum, declaredBytes = Number.POSITIVE_INFINITY }: Incoming,
): Promise<Appended> {
  const { upload } = taken
  // Clients of the original send their whole request again, whatever the offset is: docs/decisions/0026.
  const isWhole = checksum !== undefined || declaredBytes <= deps.wholePatchBytes
  const row = recordOf(deps, location, taken)
  const expected = checksum && deps.hashing.checksum(checksum)
  const before = await storedBefore(deps, location, upload).catch((error: unknown) => ({ error }))
  if ('error' in before) return releaseWith(row, before.error)
  const { head, md5 } = before
  const sha256 = isWholeFile(upload, declaredBytes) ? deps.hashing.sha256() : undefined
  let ended: 'not yet' | 'end' | 'interrupted' | 'tooMuch' = 'not yet'
  const request: RequestProgress = {
    since: deps.now(),
    state: () => {
      if (blocks.hasFailed() || ended === 'interrupted' || ended === 'tooMuch') return 'abandoned'
      return ended === 'end' ? 'received' : 'receiving'
    },
  }
  const store = (id: string, bytes: Uint8Array) => deps.blocks.stage(location, id, bytes, request)
  const blocks = stageBlocks(store, writerOf(upload, nextPosition(upload)), md5, head)
  const keepUp = () => row.keepUp(isWhole ? undefined : blocks.staged())
  const room = upload.lengthBytes - upload.offset
  const source = watched(body)
  // While the client is awaited the lease is not renewed: its connection may be dead.
  const keepingUp = setInterval(() => source.isAwaited() || keepUp(), KEEP_UP_EVERY_MS)
  try {
    const came = await receive()
    return typeof came === 'number' ? await conclude(came) : came
  } catch (error) {
    return await releaseWith(row, error, isWhole ? undefined : blocks.staged())
  } finally {
    clearInterval(keepingUp)
  }

  /** Hands all bytes to the storage, and returns how many came; or how the request ended before that. */
  async function receive(): Promise<number | Appended> {
    let came = 0
    try {
      for await (const chunk of source.chunks) {
        came += chunk.length
        if (came > room) break
        expected?.update(chunk)
        sha256?.update(chunk)
        await blocks.add(chunk)
        keepUp()
        if (row.isLost()) return { outcome: 'lost' }
      }
      const isCutShort = Number.isFinite(declaredBytes) && came < declaredBytes
      ended = came > room ? 'tooMuch' : isCutShort ? 'interrupted' : 'end'
    } catch (error) {
      if (!source.hasFailed()) throw error
    } finally {
      if (ended === 'not yet') ended = 'interrupted'
      await blocks.settled()
    }
    return came
  }

  async function conclude(came: number): Promise<Appended> {
    if (ended === 'tooMuch') return row.close({ outcome: ended, stored: undefined })
    const outcome = ended === 'end' ? ended : 'interrupted'
    if (isWhole && outcome === 'interrupted') return row.close({ outcome, stored: undefined })
    if (expected && !expected.isMet()) return row.close({ outcome: 'damaged', stored: undefined })
    if (came === room) {
      const scheduled = isPart(upload) ? undefined : scheduleFinish(deps, location.fileTransferId, upload.attemptId)
      const [count] = await Promise.all([blocks.end(), scheduled]) // before the record
      const last: Stored = {
        blocks: count,
        bytes: head.length + came,
        ...(md5 && { md5State: undefined, md5: md5.digest() }),
        ...(sha256 && { sha256: sha256.digest() }),
      }
      return row.close({ outcome, stored: last })
    }
    const { staged, left, failure } = await blocks.pause()
    if (failure) return releaseWith(row, failure.error, isWhole ? undefined : staged)
    return row.close({ outcome, stored: came > 0 ? { staged, left } : undefined })
  }
}

/**
 * The storage has failed: releases the lease, and records what was stored since the last record if it can. Before the
 * first block is stored, the old tail counts.
 */
async function releaseWith(row: UploadRecord, error: unknown, staged?: Staged): Promise<Appended> {
  const stored = staged && staged.blocks > 0 ? { staged, left: new Uint8Array() } : undefined
  const closed = await row.close({ outcome: 'interrupted', stored }).catch(() => {})
  return closed?.outcome === 'lost' ? closed : { outcome: 'failed', error }
}

/**
 * Whether a request brings all bytes of the file: then Node hashes them. A SHA-256 that is continued by later requests
 * would need five times its processor time: docs/decisions/0052.
 */
const isWholeFile = (upload: TusUpload, declaredBytes: number) =>
  !isPart(upload) && upload.offset === 0 && declaredBytes === upload.lengthBytes

/** The bytes after the last block, and the MD5 of all blocks. */
async function storedBefore(deps: AppendBytesDeps, location: BlobLocation, upload: TusUpload) {
  const head = upload.tail ? await deps.blocks.readTail(location, upload.tail) : new Uint8Array()
  const md5 = isPart(upload) ? undefined : await md5After(deps, upload)
  return { head, md5 }
}

/**
 * The MD5 of all blocks; undefined when its state was not kept, or by another version: then the file is read once more
 * in the end.
 */
async function md5After({ hashing, log }: AppendBytesDeps, upload: TusUpload): Promise<RunningDigest | undefined> {
  if (upload.blocks.length === 0) return hashing.runningMd5()
  if (upload.md5State === undefined) return undefined
  return hashing.runningMd5(upload.md5State).catch((error: unknown) => {
    log('upload.md5StateUnreadable', { attemptId: upload.attemptId, error: String(error) })
    return undefined
  })
}

/** The chunks, whether reading them has failed, and whether the next is awaited. */
function watched(body: AsyncIterable<Uint8Array>) {
  let hasFailed = false
  let isAwaited = true
  async function* chunks() {
    try {
      for await (const chunk of body) {
        isAwaited = false
        yield chunk
        isAwaited = true
      }
    } catch (error) {
      hasFailed = true
      throw error
    } finally {
      isAwaited = false
    }
  }
  return { chunks: chunks(), hasFailed: () => hasFailed, isAwaited: () => isAwaited }
}
