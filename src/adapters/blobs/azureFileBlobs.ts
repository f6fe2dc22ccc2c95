import { Readable } from 'node:stream'
import type { BlobServiceClient } from '@azure/storage-blob'
import { withStallTimeout, withTimeout } from '../../lib/timeout.js'
import type { BlobLocation, FileBlobs } from '../../usecases/ports/blobs.js'
import { statusOf, unless } from '../azure/failures.js'
import { attemptIn, CONTAINER, containerOf, nameOf } from './blobNames.js'
import { blobProperties, etagOf } from './blobProperties.js'
import { BUSY_MS, storageAccount } from './retryWhileBusy.js'
import { writeBlocks } from './writeBlocks.js'

/** A download is ended when nothing has come for this time. */
const STALL_MS = 6_000

/**
 * Files in two storage accounts, of which Defender scans one: a container for each service owner, a blob for each
 * upload attempt.
 */
export const azureFileBlobs = (
  scanned: BlobServiceClient,
  unscanned: BlobServiceClient,
  stallMs = STALL_MS,
  busyMs = BUSY_MS,
): FileBlobs => {
  const blobAt = (location: BlobLocation) =>
    containerOf(location.isScanned ? scanned : unscanned, location.serviceOwner).getBlockBlobClient(nameOf(location))

  const accounts = { scanned: storageAccount(busyMs), unscanned: storageAccount(busyMs) }

  return {
    async provision(owner) {
      await Promise.all([scanned, unscanned].map((account) => containerOf(account, owner).createIfNotExists()))
    },

    write: (location, body, limits) => {
      const account = location.isScanned ? accounts.scanned : accounts.unscanned
      return writeBlocks(blobAt(location), account, body, limits)
    },

    async read(location, etag, range) {
      const first = range?.first ?? 0
      const count = range && range.last - range.first + 1
      const end = new AbortController()
      const conditions = { ifMatch: `"${etag}"` }
      try {
        const opening = blobAt(location).download(first, count, { conditions, abortSignal: end.signal })
        const answer = await withTimeout(opening, stallMs, () => end.abort())
        const stream = answer.readableStreamBody
        if (!(stream instanceof Readable)) throw new Error('The storage client gave no Node stream.')
        // A connection that breaks before it is read must not end the process; the first read fails.
        stream.on('error', () => {})
        return { bytes: withStallTimeout(stream, stallMs), close: () => void stream.destroy() }
      } catch (error) {
        if ([404, 412].includes(statusOf(error) ?? 0)) return undefined
        throw error
      }
    },

    find: (location) => unless(404, blobAt(location).getProperties().then(blobProperties)),

    async remove(location, etag) {
      const conditions = etag === undefined ? {} : { ifMatch: `"${etag}"` }
      await unless(404, unless(412, blobAt(location).delete({ conditions })))
    },

    async *list() {
      for (const account of [scanned, unscanned]) {
        for await (const { name: container } of account.listContainers({ prefix: CONTAINER })) {
          for await (const { name, properties } of account.getContainerClient(container).listBlobsFlat()) {
            const path = `${container}/${name}`
            const { tail, ...attempt } = attemptIn(path) ?? {}
            yield {
              location: 'attemptId' in attempt ? { isScanned: account === scanned, ...attempt } : undefined,
              ...(tail !== undefined && { tail }),
              address: `${account.accountName}/${path}`,
              etag: etagOf(properties.etag),
              modifiedAt: properties.lastModified,
            }
          }
        }
      }
    },

    attemptAt(url) {
      const account = scanned.url.replace(/\/*$/, '/')
      const { tail, ...attempt } = (url.startsWith(account) && attemptIn(url.slice(account.length))) || {}
      return 'attemptId' in attempt && tail === undefined ? attempt : undefined
    },
  }
}
