import type { BlobServiceClient } from '@azure/storage-blob'
import type { BlobLocation } from '../../usecases/ports/blobs.js'
import type { BlockStore } from '../../usecases/ports/tus.js'
import { statusOf, unless } from '../azure/failures.js'
import { containerOf, nameOf, tailPrefixOf } from './blobNames.js'
import { blobProperties, etagOf } from './blobProperties.js'
import { BUSY_MS, stageWhileBusy, storageAccount } from './retryWhileBusy.js'

/**
 * Blocks of the blobs that `azureFileBlobs` reads. Tails are in the unscanned account: a part of a file needs no scan.
 */
export function azureBlockStore(
  scanned: BlobServiceClient,
  unscanned: BlobServiceClient,
  busyMs = BUSY_MS,
): BlockStore {
  const blobAt = (place: BlobLocation) =>
    containerOf(place.isScanned ? scanned : unscanned, place.serviceOwner).getBlockBlobClient(nameOf(place))
  const accounts = { scanned: storageAccount(busyMs), unscanned: storageAccount(busyMs) }
  const tails = ({ serviceOwner }: BlobLocation) => containerOf(unscanned, serviceOwner)
  const tailAt = (place: BlobLocation, name: string) => tails(place).getBlockBlobClient(tailPrefixOf(place) + name)

  return {
    async stage(place, blockId, bytes, request) {
      const account = place.isScanned ? accounts.scanned : accounts.unscanned
      // TLS protects the bytes on the way.
      await stageWhileBusy(account, request, () => blobAt(place).stageBlock(blockId, bytes, bytes.length))
    },

    async commit(place, blockIds, { sizeBytes, md5 }) {
      const blob = blobAt(place)
      const blobContentMD5 = md5 === undefined ? {} : { blobContentMD5: Buffer.from(md5, 'hex') }
      const blobHTTPHeaders = { blobContentType: 'application/octet-stream', ...blobContentMD5 }
      try {
        const { etag } = await blob.commitBlockList(blockIds, { conditions: { ifNoneMatch: '*' }, blobHTTPHeaders })
        return etagOf(etag)
      } catch (error) {
        // Refused, or no answer: a file of this length is our own, since no other upload commits to this name.
        const stored = await unless(404, blob.getProperties().then(blobProperties)).catch(() => undefined)
        if (stored?.sizeBytes === sizeBytes && (md5 === undefined || stored.md5 === md5)) return stored.etag
        throw error
      }
    },

    async discard(place) {
      const blob = blobAt(place)
      const { etag } = (await nothingCommitted(blob.commitBlockList([], { conditions: { ifNoneMatch: '*' } }))) ?? {}
      if (etag) await unless(404, unless(412, blob.delete({ conditions: { ifMatch: etag } })))
      for await (const { name } of tails(place).listBlobsFlat({ prefix: tailPrefixOf(place) })) {
        await unless(404, tails(place).deleteBlob(name))
      }
    },

    async writeTail(place, name, bytes) {
      await tailAt(place, name).upload(bytes, bytes.length)
    },

    // Given the length, the client makes one request.
    readTail: (place, { name, sizeBytes }) => tailAt(place, name).downloadToBuffer(0, sizeBytes),

    async removeTail(place, name) {
      await unless(404, tailAt(place, name).delete())
    },
  }
}

/** Committing an empty list discards all blocks. Undefined: there is a file, which has none. */
async function nothingCommitted<Answer>(commit: Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await commit
  } catch (error) {
    if ([409, 412].includes(statusOf(error) ?? 0)) return undefined
    throw error
  }
}
