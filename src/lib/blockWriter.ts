/** Memory for the blocks of one writer. */
const BUFFER_BYTES = 32 * 2 ** 20

/** Stores a block; `index` counts from 0. The bytes are overwritten when it has ended. */
type Store = (bytes: Uint8Array, index: number) => Promise<void>

/**
 * Cuts bytes into blocks and has them stored, several concurrently, in bounded memory: `add` waits until there is memory
 * for the next. `blockBytesAt`: the size of a block by its index. The first block begins with `head`. The first failure
 * is kept, and thrown by the next `add` that needs a buffer.
 */
export function blockWriter(
  blockBytesAt: (index: number) => number,
  store: Store,
  head: Uint8Array = new Uint8Array(),
) {
  const free: Buffer[] = []
  let heldBytes = blockBytesAt(0)
  const storing = new Set<Promise<void>>()
  let count = 0
  let failure: { error: unknown } | undefined

  // The first buffer grows as it is filled: many bodies are small.
  let buffer: Buffer = Buffer.from(head)
  let filled = head.length

  async function nextBuffer(): Promise<Buffer> {
    const blockBytes = blockBytesAt(count)
    while (!failure) {
      const reused = free.pop()
      if (reused?.length === blockBytes) return reused
      if (reused) {
        heldBytes -= reused.length
      } else if (heldBytes === 0 || heldBytes + blockBytes <= BUFFER_BYTES) {
        heldBytes += blockBytes
        return Buffer.allocUnsafeSlow(blockBytes)
      } else {
        await Promise.race(storing)
      }
    }
    throw failure.error
  }

  function storeRest() {
    if (filled === 0) return
    const block = buffer
    const stored: Promise<void> = store(block.subarray(0, filled), count++)
      .catch((error: unknown) => {
        failure ??= { error }
      })
      .finally(() => {
        free.push(block)
        storing.delete(stored)
      })
    storing.add(stored)
    filled = 0
  }

  return {
    async add(chunk: Uint8Array) {
      for (let at = 0; at < chunk.length; ) {
        const blockBytes = blockBytesAt(count)
        if (filled === blockBytes) {
          storeRest()
          buffer = await nextBuffer()
          continue
        }
        const wanted = Math.min(blockBytes - filled, chunk.length - at)
        const length = filled + wanted
        if (length > buffer.length) buffer = Buffer.concat([buffer], Math.min(blockBytes, 2 * length))
        buffer.set(chunk.subarray(at, at + wanted), filled)
        filled = length
        at += wanted
      }
    },

    /** What has been added and belongs to no block yet. It may be as long as a block. */
    rest: (): Uint8Array => buffer.subarray(0, filled),
    /** Stores the rest as the last block. Nothing is added after it. */
    storeRest,
    /** How many blocks have been given to `store`. */
    count: () => count,
    failure: () => failure,
    /** Resolves when nothing is being stored any more, whether it succeeded or not. */
    settled: async () => void (await Promise.all(storing)),
  }
}
