import { createHash } from 'node:crypto'
import type { BlockBlobClient } from '@azure/storage-blob'
import type { WriteOutcome } from '../../usecases/ports/blobs.js'
import type { RequestProgress } from '../../usecases/ports/tus.js'
import { statusOf, unless } from '../azure/failures.js'
import { blobFacts, etagOf } from './blobFacts.js'
import { retryWhileBusy, type StorageAccount, stageWhileBusy } from './busyStorage.js'

const MIB = 2 ** 20
const SMALLEST_BLOCK = 8 * MIB
/** All buffers of one upload together. */
const BUFFERS = 32 * MIB
// https://learn.microsoft.com/azure/storage/blobs/scalability-targets: a block blob has at most 50,000 blocks.
const MAX_BLOCKS = 50_000
/** Who waits has waited for the commit already. */
const LOOKUP_MS = 5_000
const FIRST_BUFFER = 64 * 1024

type Limits = { maxBytes: number; expectedBytes: number | undefined; accept: (md5: string) => boolean }

/**
 * Stores a stream as one blob: cut in blocks, several on their way at once, and made visible by one commit with its MD5. What fits into one
 * block is put at once. `interrupted` when the stream ends with an error, or is not
 * as long as was declared. @throws what the storage throws.
 */
export async function writeBlocks(
  blob: BlockBlobClient,
  account: StorageAccount,
  body: AsyncIterable<Uint8Array>,
  { maxBytes, expectedBytes, accept }: Limits,
): Promise<WriteOutcome> {
  const blockBytes = Math.max(SMALLEST_BLOCK, Math.ceil(Math.min(maxBytes, expectedBytes ?? maxBytes) / MAX_BLOCKS))
  const blocks = stagedBlocks(blob, account, blockBytes)
  const md5 = createHash('md5')
  const source = watched(body)
  let sizeBytes = 0
  try {
    for await (const chunk of source.chunks) {
      sizeBytes += chunk.length
      if (sizeBytes > maxBytes) return { outcome: 'tooLarge' }
      md5.update(chunk)
      await blocks.append(chunk)
    }
    if (expectedBytes !== undefined && sizeBytes !== expectedBytes) return { outcome: 'interrupted' }
    const digest = md5.digest()
    if (!accept(digest.toString('hex'))) return { outcome: 'refused' }
    return await blocks.commit(digest, sizeBytes)
  } catch (error) {
    if (source.hasFailed()) return { outcome: 'interrupted' }
    throw error
  } finally {
    blocks.giveUp()
    await blocks.settled()
  }
}

/** The chunks, and whether it was they that failed. */
function watched(body: AsyncIterable<Uint8Array>) {
  let hasFailed = false
  async function* chunks() {
    try {
      yield* body
    } catch (error) {
      hasFailed = true
      throw error
    }
  }
  return { chunks: chunks(), hasFailed: () => hasFailed }
}

function stagedBlocks(blob: BlockBlobClient, account: StorageAccount, blockBytes: number) {
  const free: Buffer[] = []
  let buffersLeft = Math.max(1, Math.floor(BUFFERS / blockBytes)) - 1
  const onTheWay = new Set<Promise<void>>()
  const ids: string[] = []
  let failure: { error: unknown } | undefined
  let state: ReturnType<RequestProgress['state']> = 'receiving'
  const request: RequestProgress = { since: new Date(), state: () => (failure ? 'abandoned' : state) }
  // The first buffer grows as it is filled: most files are small.
  let buffer: Buffer = Buffer.allocUnsafeSlow(Math.min(FIRST_BUFFER, blockBytes))
  let filled = 0

  async function nextBuffer(): Promise<Buffer> {
    while (free.length === 0 && buffersLeft === 0) await Promise.race(onTheWay)
    if (failure) throw failure.error
    const reused = free.pop()
    if (reused) return reused
    buffersLeft--
    return Buffer.allocUnsafeSlow(blockBytes)
  }

  function stage(block: Buffer, length: number) {
    const id = Buffer.from(String(ids.length).padStart(6, '0')).toString('base64')
    ids.push(id)
    const bytes = block.subarray(0, length)
    // TLS sees to it that nothing is damaged on the way.
    const staging: Promise<void> = stageWhileBusy(account, request, () => blob.stageBlock(id, bytes, length))
      .catch((error: unknown) => {
        failure ??= { error }
      })
      .finally(() => {
        free.push(block)
        onTheWay.delete(staging)
      })
    onTheWay.add(staging)
  }

  async function commitOnce(md5: Uint8Array, sizeBytes: number): Promise<WriteOutcome> {
    const conditions = { ifNoneMatch: '*' }
    const blobHTTPHeaders = { blobContentType: 'application/octet-stream', blobContentMD5: md5 }
    const hex = Buffer.from(md5).toString('hex')
    try {
      const { etag } =
        ids.length > 0
          ? await blob.commitBlockList(ids, { conditions, blobHTTPHeaders })
          : await blob.upload(buffer.subarray(0, filled), filled, { conditions, blobHTTPHeaders })
      return { outcome: 'stored', sizeBytes, md5: hex, etag: etagOf(etag) }
    } catch (error) {
      // Refused, or no answer: if the blob is there as we made it, it was our own commit whose answer was lost.
      if (statusOf(error) !== undefined && ![409, 412].includes(statusOf(error) ?? 0)) throw error
      const abortSignal = AbortSignal.timeout(LOOKUP_MS)
      const stored = await unless(404, blob.getProperties({ abortSignal }).then(blobFacts)).catch(() => {
        throw error
      })
      if (stored?.sizeBytes !== sizeBytes || stored.md5 !== hex) throw error
      return { outcome: 'stored', sizeBytes, md5: hex, etag: stored.etag }
    }
  }

  return {
    async append(chunk: Uint8Array) {
      for (let at = 0; at < chunk.length; ) {
        if (filled === blockBytes) {
          stage(buffer, filled)
          buffer = await nextBuffer()
          filled = 0
        }
        const wanted = Math.min(blockBytes - filled, chunk.length - at)
        const length = filled + wanted
        if (length > buffer.length) buffer = Buffer.concat([buffer], Math.min(blockBytes, 2 * length))
        buffer.set(chunk.subarray(at, at + wanted), filled)
        filled = length
        at += wanted
      }
    },

    async commit(md5: Uint8Array, sizeBytes: number): Promise<WriteOutcome> {
      state = 'received'
      if (ids.length > 0) {
        if (filled > 0) stage(buffer, filled)
        await Promise.all(onTheWay)
        if (failure) throw failure.error
      }
      if (ids.length === 0) return commitOnce(md5, sizeBytes)
      return retryWhileBusy(account, request, () => commitOnce(md5, sizeBytes))
    },

    /** Nobody waits for blocks any more that are on their way. */
    giveUp() {
      state = 'abandoned'
    },

    /** Resolves when nothing is on its way any more. */
    settled: () => Promise.all(onTheWay),
  }
}
