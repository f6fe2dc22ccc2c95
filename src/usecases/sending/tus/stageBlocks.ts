import { blockId, type TusUpload, type TusUploadId } from '../../../domain/tus/upload.js'
import type { RunningMd5 } from '../../ports/tus.js'

/** All buffers of one upload together. */
const BUFFERS_BYTES = 32 * 2 ** 20

/** What is stored without a gap: the number of blocks, none of them short, and the state of the MD5 of their bytes. */
export type Staged = { blocks: number; md5State: string | undefined }

type Writer = { id: TusUploadId; lease: number; first: number; blockBytes: number }

/**
 * Cuts bytes into blocks and stores them, several concurrently, with bounded memory: `add` waits for a free buffer. The
 * first block begins with `head`.
 */
export function stageBlocks(
  store: (blockId: string, bytes: Uint8Array) => Promise<void>,
  { id, lease, first, blockBytes }: Writer,
  md5: RunningMd5 | undefined,
  head: Uint8Array,
) {
  const free: Buffer[] = []
  let buffersLeft = Math.max(1, Math.floor(BUFFERS_BYTES / blockBytes)) - 1
  const storing = new Set<Promise<unknown>>()
  let sent = 0
  let staged: Staged = { blocks: 0, md5State: undefined }
  let inOrder: Promise<void> = Promise.resolve()
  let failure: { error: unknown } | undefined

  // The first buffer grows as it is filled: many requests bring few bytes.
  let buffer: Buffer = Buffer.from(head)
  let filled = head.length

  async function nextBuffer(): Promise<Buffer> {
    while (free.length === 0 && buffersLeft === 0 && !failure) await Promise.race(storing)
    if (failure) throw failure.error
    const reused = free.pop()
    if (reused) return reused
    buffersLeft--
    return Buffer.allocUnsafeSlow(blockBytes)
  }

  function stage() {
    const [block, bytes] = [buffer, buffer.subarray(0, filled)]
    md5?.update(bytes)
    const state = md5?.save()
    const number = ++sent
    const staging = store(blockId(id, lease, first + number - 1), bytes).finally(() => {
      free.push(block)
      storing.delete(settled)
    })
    const settled = staging.catch((error: unknown) => {
      failure ??= { error }
    })
    storing.add(settled)
    const before = inOrder
    inOrder = staging
      .then(() => before)
      .then(() => {
        if (bytes.length === blockBytes) staged = { blocks: number, md5State: state }
      })
    inOrder.catch(() => {}) // it is in `failure`; nothing after a gap counts
    filled = 0
  }

  return {
    async add(chunk: Uint8Array) {
      for (let at = 0; at < chunk.length; ) {
        if (filled === blockBytes) {
          stage()
          buffer = await nextBuffer()
        }
        const wanted = Math.min(blockBytes - filled, chunk.length - at)
        const length = filled + wanted
        if (length > buffer.length) buffer = Buffer.concat([buffer], Math.min(blockBytes, 2 * length))
        buffer.set(chunk.subarray(at, at + wanted), filled)
        filled = length
        at += wanted
      }
    },

    /** Stores what is left as the last block of the upload, waits for all blocks, and returns how many there are. */
    async end(): Promise<number> {
      if (filled > 0) stage()
      await Promise.all(storing)
      if (failure) throw failure.error
      return sent
    },

    /**
     * Stores the last block if it is full, waits, and returns what is stored and what is left over; on a failure, what
     * was stored before it.
     */
    async pause(): Promise<{ staged: Staged; left: Uint8Array; failure: { error: unknown } | undefined }> {
      if (filled === blockBytes) stage()
      await Promise.all(storing)
      if (failure) return { staged, left: buffer.subarray(0, 0), failure }
      await inOrder
      return { staged, left: buffer.subarray(0, filled), failure }
    },

    staged: () => staged,
    hasFailed: () => failure !== undefined,
    /** Resolves when no block is being stored any more. */
    settled: () => Promise.all(storing),
  }
}

/** The next writer of blocks, which begins at this position. */
export const writerOf = ({ id, lease, blockBytes }: TusUpload, first: number): Writer => ({
  id,
  lease,
  first,
  blockBytes,
})
