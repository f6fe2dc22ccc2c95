import { createHash } from 'node:crypto'
import type { BlockBlobClient } from '@azure/storage-blob'
import type { Digests } from '../../domain/fileTransfer/state.js'
import { blockWriter } from '../../lib/blockWriter.js'
import type { WriteOutcome } from '../../usecases/ports/blobs.js'
import type { RequestProgress } from '../../usecases/ports/tus.js'
import { statusOf, unless } from '../azure/failures.js'
import { blobProperties, etagOf } from './blobProperties.js'
import { retryWhileBusy, type StorageAccount, stageWhileBusy } from './retryWhileBusy.js'

const MIB = 2 ** 20
const SMALLEST_BLOCK = 8 * MIB
// https://learn.microsoft.com/azure/storage/blobs/scalability-targets: a block blob has at most 50,000 blocks.
const MAX_BLOCKS = 50_000
/** So many blocks are of the smallest size, however long the file may become: several of them are stored concurrently. */
const SMALL_BLOCKS = 2_048
/** The caller has waited for the commit already. */
const LOOKUP_MS = 5_000

type Limits = { maxBytes: number; expectedBytes: number | undefined; accept: (digests: Digests) => boolean }

/**
 * Stores a stream as one blob: cut into blocks, several of them written concurrently, and made visible by one commit
 * with its MD5.
 * What fits into one block is uploaded in one call. `interrupted` when the stream ends with an error, or is not as long
 * as declared. @throws what the storage throws.
 */
export async function writeBlocks(
  blob: BlockBlobClient,
  account: StorageAccount,
  body: AsyncIterable<Uint8Array>,
  { maxBytes, expectedBytes, accept }: Limits,
): Promise<WriteOutcome> {
  const blocks = stagedBlocks(blob, account, Math.min(maxBytes, expectedBytes ?? maxBytes))
  const [md5, sha256] = [createHash('md5'), createHash('sha256')]
  const source = watched(body)
  let sizeBytes = 0
  try {
    for await (const chunk of source.chunks) {
      sizeBytes += chunk.length
      if (sizeBytes > maxBytes) return { outcome: 'tooLarge' }
      md5.update(chunk)
      sha256.update(chunk)
      await blocks.add(chunk)
    }
    if (expectedBytes !== undefined && sizeBytes !== expectedBytes) return { outcome: 'interrupted' }
    const digests = { md5: md5.digest('hex'), sha256: sha256.digest('hex') }
    if (!accept(digests)) return { outcome: 'refused' }
    return await blocks.commit(digests, sizeBytes)
  } catch (error) {
    if (source.hasFailed()) return { outcome: 'interrupted' }
    throw error
  } finally {
    blocks.abandon()
    await blocks.settled()
  }
}

/** The chunks, and whether reading them has failed. */
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

/** The size of a block of a file that has at most this many bytes. */
export const blockBytesAt = (index: number, mostBytes: number): number => {
  if (index < SMALL_BLOCKS) return SMALLEST_BLOCK
  const rest = mostBytes - SMALL_BLOCKS * SMALLEST_BLOCK
  return Math.max(SMALLEST_BLOCK, Math.ceil(rest / (MAX_BLOCKS - SMALL_BLOCKS)))
}

function stagedBlocks(blob: BlockBlobClient, account: StorageAccount, mostBytes: number) {
  let state: ReturnType<RequestProgress['state']> = 'receiving'
  const request: RequestProgress = {
    since: new Date(),
    state: () => (writer.failure() ? 'abandoned' : state),
  }
  // TLS protects the bytes on the way.
  const writer = blockWriter(
    (index) => blockBytesAt(index, mostBytes),
    (bytes, index) => stageWhileBusy(account, request, () => blob.stageBlock(blockId(index), bytes, bytes.length)),
  )

  async function commitOnce(digests: Required<Digests>, sizeBytes: number): Promise<WriteOutcome> {
    const conditions = { ifNoneMatch: '*' }
    const blobHTTPHeaders = {
      blobContentType: 'application/octet-stream',
      blobContentMD5: Buffer.from(digests.md5, 'hex'),
    }
    const ids = Array.from({ length: writer.count() }, (_, index) => blockId(index))
    const rest = writer.rest()
    try {
      const { etag } =
        ids.length > 0
          ? await blob.commitBlockList(ids, { conditions, blobHTTPHeaders })
          : await blob.upload(rest, rest.length, { conditions, blobHTTPHeaders })
      return { outcome: 'stored', sizeBytes, ...digests, etag: etagOf(etag) }
    } catch (error) {
      // Refused, or no answer: if the blob is as we made it, it was our own commit, whose answer was lost.
      if (statusOf(error) !== undefined && ![409, 412].includes(statusOf(error) ?? 0)) throw error
      const abortSignal = AbortSignal.timeout(LOOKUP_MS)
      const stored = await unless(404, blob.getProperties({ abortSignal }).then(blobProperties)).catch(() => {
        throw error
      })
      if (stored?.sizeBytes !== sizeBytes || stored.md5 !== digests.md5) throw error
      return { outcome: 'stored', sizeBytes, ...digests, etag: stored.etag }
    }
  }

  return {
    add: writer.add,

    async commit(digests: Required<Digests>, sizeBytes: number): Promise<WriteOutcome> {
      state = 'received'
      if (writer.count() === 0) return commitOnce(digests, sizeBytes)
      writer.storeRest()
      await writer.settled()
      const failure = writer.failure()
      if (failure) throw failure.error
      return retryWhileBusy(account, request, () => commitOnce(digests, sizeBytes))
    },

    /** Blocks that are being stored are not retried any more. */
    abandon() {
      state = 'abandoned'
    },

    settled: writer.settled,
  }
}

/** All ids of one blob have the same length. */
const blockId = (index: number) => Buffer.from(String(index).padStart(6, '0')).toString('base64')
