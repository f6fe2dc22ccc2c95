import { nameOf, tailPrefixOf } from '../../src/adapters/blobs/blobNames.js'
import type { Digests } from '../../src/domain/fileTransfer/state.js'
import type { BlobLocation } from '../../src/usecases/ports/blobs.js'
import type { BlockStore } from '../../src/usecases/ports/tus.js'
import type { MemoryFileBlobs } from './memoryFileBlobs.js'

/** Blocks in memory; for tests also the names of tails, and the number of blocks that are not committed. */
export type MemoryBlockStore = BlockStore & { tails(): string[]; waiting(location: BlobLocation): number }

/** Blocks in memory, of the files in `blobs`. */
export function memoryBlockStore(blobs: MemoryFileBlobs): MemoryBlockStore {
  const staged = new Map<string, Map<string, Buffer>>()
  const { tails } = blobs

  return {
    async stage(location, blockId, bytes) {
      const blocks = staged.get(nameOf(location)) ?? new Map<string, Buffer>()
      staged.set(nameOf(location), blocks.set(blockId, Buffer.from(bytes)))
    },

    async commit(location, blockIds, { sizeBytes, md5 }) {
      const existing = await blobs.find(location)
      if (existing?.sizeBytes === sizeBytes) return existing.etag
      const blocks = staged.get(nameOf(location))
      const parts = blockIds.map((id) => blocks?.get(id) ?? missing(id))
      const bytes = Buffer.concat(parts)
      const limits = {
        maxBytes: bytes.length,
        expectedBytes: sizeBytes,
        accept: (is: Digests) => !md5 || is.md5 === md5,
      }
      const written = await blobs.write(location, once(bytes), limits)
      if (written.outcome !== 'stored') throw new Error(`The blocks cannot be joined: ${written.outcome}`)
      staged.delete(nameOf(location))
      return written.etag
    },

    async discard(location) {
      staged.delete(nameOf(location))
      for (const address of tails.keys()) if (address.startsWith(tailPrefixOf(location))) tails.delete(address)
    },

    async writeTail(location, name, bytes) {
      tails.set(tailPrefixOf(location) + name, { location: location, tail: name, bytes: Buffer.from(bytes) })
    },

    async readTail(location, { name }) {
      return tails.get(tailPrefixOf(location) + name)?.bytes ?? missing(name)
    },

    async removeTail(location, name) {
      tails.delete(tailPrefixOf(location) + name)
    },

    tails: () => [...tails.keys()],
    waiting: (location) => staged.get(nameOf(location))?.size ?? 0,
  }
}

const missing = (name: string): never => {
  throw new Error(`There is no block or tail ${name}.`)
}

async function* once(bytes: Buffer) {
  yield bytes
}
