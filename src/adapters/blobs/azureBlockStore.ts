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
  const blobAt = (location: BlobLocation) =>
    containerOf(location.isScanned ? scanned : unscanned, location.serviceOwner).getBlockBlobClient(nameOf(location))
  const accounts = { scanned: storageAccount(busyMs), unscanned: storageAccount(busyMs) }
  const tails = ({ serviceOwner }: BlobLocation) => containerOf(unscanned, serviceOwner)
  const tailAt = (location: BlobLocation, name: string) =>
    tails(location).getBlockBlobClient(tailPrefixOf(location) + name)

  return {
    async stage(location, blockId, bytes, request) {
      const account = location.isScanned ? accounts.scanned : accounts.unscanned
      // TLS protects the bytes on the way.
      await stageWhileBusy(account, request, () => blobAt(location).stageBlock(blockId, bytes, bytes.length))
    },

    async commit(location, blockIds, { sizeBytes, md5 }) {
      const blob = blobAt(location)
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

    async discard(location) {
      const blob = blobAt(location)
      const { etag } = (await nothingCommitted(blob.commitBlockList([], { conditions: { ifNoneMatch: '*' } }))) ?? {}
      if (etag) await unless(404, unless(412, blob.delete({ conditions: { ifMatch: etag } })))
      for await (const { name } of tails(location).listBlobsFlat({ prefix: tailPrefixOf(location) })) {
        await unless(404, tails(location).deleteBlob(name))
      }
    },

    async writeTail(location, name, bytes) {
      await tailAt(location, name).upload(bytes, bytes.length)
    },

    // Given the length, the client makes one request.
    readTail: (location, { name, sizeBytes }) => tailAt(location, name).downloadToBuffer(0, sizeBytes),

    async removeTail(location, name) {
      await unless(404, tailAt(location, name).delete())
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
