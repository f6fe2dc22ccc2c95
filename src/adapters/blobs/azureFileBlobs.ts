import { Readable } from 'node:stream'
import type { BlobServiceClient } from '@azure/storage-blob'
import { type OrganizationNumber, parseOrganizationNumber } from '../../domain/organizationNumber.js'
import type { BlobPlace, FileBlobs } from '../../usecases/ports.js'
import { statusOf, unless } from '../sdkFailure.js'
import { blobFacts, etagOf } from './blobFacts.js'
import { writeBlocks } from './writeBlocks.js'

const CONTAINER = 'serviceowner-'
const UUID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}'
const BLOB_PATH = new RegExp(`^${CONTAINER}(\\d{9})/(${UUID})/(${UUID})$`)

/** Files in two storage accounts, of which Defender scans one: a container for each service owner, a blob for each attempt to upload. */
export const azureFileBlobs = (scanned: BlobServiceClient, unscanned: BlobServiceClient): FileBlobs => {
  const containerOf = (account: BlobServiceClient, owner: OrganizationNumber) =>
    account.getContainerClient(CONTAINER + owner)
  const blobAt = ({ isScanned, serviceOwner, fileTransferId, attemptId }: BlobPlace) =>
    containerOf(isScanned ? scanned : unscanned, serviceOwner).getBlockBlobClient(`${fileTransferId}/${attemptId}`)

  return {
    async provision(owner) {
      await Promise.all([scanned, unscanned].map((account) => containerOf(account, owner).createIfNotExists()))
    },

    write: (place, body, limits) => writeBlocks(blobAt(place), body, limits),

    async read(place, etag, range) {
      const first = range?.first ?? 0
      const count = range && range.last - range.first + 1
      try {
        const answer = await blobAt(place).download(first, count, { conditions: { ifMatch: `"${etag}"` } })
        const stream = answer.readableStreamBody
        if (!(stream instanceof Readable)) throw new Error('The storage client gave no Node stream.')
        // A connection that breaks before anyone reads must not end the process; whoever reads then is told.
        stream.on('error', () => {})
        return { bytes: stream, close: () => void stream.destroy() }
      } catch (error) {
        if ([404, 412].includes(statusOf(error) ?? 0)) return undefined
        throw error
      }
    },

    find: (place) => unless(404, blobAt(place).getProperties().then(blobFacts)),

    async remove(place, etag) {
      const conditions = etag === undefined ? {} : { ifMatch: `"${etag}"` }
      await unless(404, unless(412, blobAt(place).delete({ conditions })))
    },

    async *list() {
      for (const account of [scanned, unscanned]) {
        for await (const { name: container } of account.listContainers({ prefix: CONTAINER })) {
          for await (const { name, properties } of account.getContainerClient(container).listBlobsFlat()) {
            const path = `${container}/${name}`
            const attempt = attemptIn(path)
            yield {
              place: attempt && { isScanned: account === scanned, ...attempt },
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
      return url.startsWith(account) ? attemptIn(url.slice(account.length)) : undefined
    },
  }
}

/** The attempt whose blob has this container and name, if it is one of ours. */
function attemptIn(path: string) {
  const [, owner = '', fileTransferId = '', attemptId = ''] = BLOB_PATH.exec(path) ?? []
  const serviceOwner = parseOrganizationNumber(owner)
  return serviceOwner && { fileTransferId, attemptId, serviceOwner }
}
