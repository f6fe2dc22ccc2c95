import type { BlobServiceClient } from '@azure/storage-blob'
import type { BlobLocation } from '../../usecases/ports/blobs.js'
import type { BlockStore } from '../../usecases/ports/tus.js'
import { statusOf, unless } from '../azure/failures.js'
import { containerOf, nameOf, tailsOf } from './blobNames.js'
import { blobProperties, etagOf } from './blobProperties.js'
import { BUSY_MS, stageWhileBusy, storageAccount } from './retryWhileBusy.js'

/** Blocks of the blobs that `azureFileBlobs` reads. Tails lie in the unscanned account: they are parts of files, which no scanner need look at. */
export function azureBlockStore(
  scanned: BlobServiceClient,
  unscanned: BlobServiceClient,
  busyMs = BUSY_MS,
): BlockStore {
  const blobAt = (place: BlobLocation) =>
    containerOf(place.isScanned ? scanned : unscanned, place.serviceOwner).getBlockBlobClient(nameOf(place))
  const accounts = { scanned: storageAccount(busyMs), unscanned: storageAccount(busyMs) }
  const tails = ({ serviceOwner }: BlobLocation) => containerOf(unscanned, serviceOwner)
  const tailAt = (place: BlobLocation, name: string) => tails(place).getBlockBlobClient(tailsOf(place) + name)

  return {
    async stage(place, blockId, bytes, request) {
      const account = place.isScanned ? accounts.scanned : accounts.unscanned
      // TLS sees to it that nothing is damaged on the way.
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
        // Refused, or no answer: if a file of this length is there, it is our own. Nobody else commits to this name.
        const stored = await unless(404, blob.getProperties().then(blobProperties)).catch(() => undefined)
        if (stored?.sizeBytes === sizeBytes && (md5 === undefined || stored.md5 === md5)) return stored.etag
        throw error
      }
    },

    async discard(place) {
      const blob = blobAt(place)
      const { etag } = (await nothingCommitted(blob.commitBlockList([], { conditions: { ifNoneMatch: '*' } }))) ?? {}
      if (etag) await unless(404, unless(412, blob.delete({ conditions: { ifMatch: etag } })))
      for await (const { name } of tails(place).listBlobsFlat({ prefix: tailsOf(place) })) {
        await unless(404, tails(place).deleteBlob(name))
      }
    },

    async writeTail(place, name, bytes) {
      await tailAt(place, name).upload(bytes, bytes.length)
    },

    // With its length the client need not ask for that first.
    readTail: (place, { name, sizeBytes }) => tailAt(place, name).downloadToBuffer(0, sizeBytes),

    async removeTail(place, name) {
      await unless(404, tailAt(place, name).delete())
    },
  }
}

/** An empty list lets all blocks go. Undefined: there is a file, which has none. */
async function nothingCommitted<Answer>(commit: Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await commit
  } catch (error) {
    if ([409, 412].includes(statusOf(error) ?? 0)) return undefined
    throw error
  }
}
