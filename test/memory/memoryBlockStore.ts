import { nameOf, tailPrefixOf } from '../../src/adapters/blobs/blobNames.js'
import type { BlobLocation } from '../../src/usecases/ports/blobs.js'
import type { BlockStore } from '../../src/usecases/ports/tus.js'
import type { MemoryFileBlobs } from './memoryFileBlobs.js'

/**
 * Blocks in memory, and what is to be seen of them: the tails that there are, and how many blocks wait for a commit.
 */
export type MemoryBlockStore = BlockStore & { tails(): string[]; waiting(place: BlobLocation): number }

/** Blocks in memory, of the files in `blobs`. */
export function memoryBlockStore(blobs: MemoryFileBlobs): MemoryBlockStore {
  const staged = new Map<string, Map<string, Buffer>>()
  const { tails } = blobs

  return {
    async stage(place, blockId, bytes) {
      const own = staged.get(nameOf(place)) ?? new Map<string, Buffer>()
      staged.set(nameOf(place), own.set(blockId, Buffer.from(bytes)))
    },

    async commit(place, blockIds, { sizeBytes, md5 }) {
      const there = await blobs.find(place)
      if (there?.sizeBytes === sizeBytes) return there.etag
      const own = staged.get(nameOf(place))
      const parts = blockIds.map((id) => own?.get(id) ?? missing(id))
      const bytes = Buffer.concat(parts)
      const limits = { maxBytes: bytes.length, expectedBytes: sizeBytes, accept: (is: string) => !md5 || is === md5 }
      const written = await blobs.write(place, once(bytes), limits)
      if (written.outcome !== 'stored') throw new Error(`The blocks cannot be joined: ${written.outcome}`)
      staged.delete(nameOf(place))
      return written.etag
    },

    async discard(place) {
      staged.delete(nameOf(place))
      for (const address of tails.keys()) if (address.startsWith(tailPrefixOf(place))) tails.delete(address)
    },

    async writeTail(place, name, bytes) {
      tails.set(tailPrefixOf(place) + name, { place, tail: name, bytes: Buffer.from(bytes) })
    },

    async readTail(place, { name }) {
      return tails.get(tailPrefixOf(place) + name)?.bytes ?? missing(name)
    },

    async removeTail(place, name) {
      tails.delete(tailPrefixOf(place) + name)
    },

    tails: () => [...tails.keys()],
    waiting: (place) => staged.get(nameOf(place))?.size ?? 0,
  }
}

const missing = (name: string): never => {
  throw new Error(`There is no block or tail ${name}.`)
}

async function* once(bytes: Buffer) {
  yield bytes
}
