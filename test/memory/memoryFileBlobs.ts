import { hash } from 'node:crypto'
import { parseOrganizationNumber } from '../../src/domain/organizationNumber.js'
import type { BlobLocation, FileBlobs, WriteOutcome } from '../../src/usecases/ports/blobs.js'

type Blob = { bytes: Buffer; md5: string; etag: string; modifiedAt: Date }

/** Bytes beside the file of an attempt. */
export type MemoryTail = { location: BlobLocation; tail: string; bytes: Buffer }

/** Files in memory; for tests also their locations, the number of open downloads, and the tails beside them. */
export type MemoryFileBlobs = FileBlobs & {
  locations(): BlobLocation[]
  openSources(): number
  tails: Map<string, MemoryTail>
}

const UUID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}'
const PATH = new RegExp(`^serviceowner-(\\d{9})/(${UUID})/(${UUID})$`)

/** Two accounts in memory, with a container for each provisioned service owner. `scannedUrl` ends in a slash. */
export function memoryFileBlobs(scannedUrl: string, now = () => new Date()): MemoryFileBlobs {
  const owners = new Set<string>()
  const blobs = new Map<string, Blob>()
  const open = new Set<symbol>()
  const tails = new Map<string, MemoryTail>()
  let writes = 0
  const keyOf = ({ isScanned, serviceOwner, fileTransferId, attemptId }: BlobLocation) =>
    JSON.stringify({ isScanned, serviceOwner, fileTransferId, attemptId })

  return {
    async provision(serviceOwner) {
      owners.add(serviceOwner)
    },

    async write(location, body, { maxBytes, expectedBytes, accept }): Promise<WriteOutcome> {
      if (!owners.has(location.serviceOwner)) throw new Error('There is no container for this service owner.')
      const chunks: Uint8Array[] = []
      let sizeBytes = 0
      const ended = await readAll(body, (chunk) => {
        sizeBytes += chunk.length
        chunks.push(Uint8Array.from(chunk))
        return sizeBytes <= maxBytes
      })
      if (ended !== 'end') return { outcome: ended }
      if (expectedBytes !== undefined && sizeBytes !== expectedBytes) return { outcome: 'interrupted' }
      const bytes = Buffer.concat(chunks)
      const [md5, sha256] = [hash('md5', bytes), hash('sha256', bytes)]
      if (!accept({ md5, sha256 })) return { outcome: 'refused' }
      const stored = blobs.get(keyOf(location)) ?? { bytes, md5, etag: `0x${++writes}`, modifiedAt: now() }
      if (stored.md5 !== md5 || stored.bytes.length !== sizeBytes) throw new Error('There is another file already.')
      blobs.set(keyOf(location), stored)
      return { outcome: 'stored', sizeBytes, md5, sha256, etag: stored.etag }
    },

    async read(location, etag, range) {
      const blob = blobs.get(keyOf(location))
      if (blob?.etag !== etag) return undefined
      const bytes = range ? blob.bytes.subarray(range.first, range.last + 1) : blob.bytes
      const source = Symbol('source')
      open.add(source)
      const close = () => void open.delete(source)
      return { bytes: once(Buffer.from(bytes), close), close }
    },

    async find(location) {
      const blob = blobs.get(keyOf(location))
      return blob && { sizeBytes: blob.bytes.length, md5: blob.md5, etag: blob.etag }
    },

    async remove(location, etag) {
      if (etag === undefined || blobs.get(keyOf(location))?.etag === etag) blobs.delete(keyOf(location))
    },

    async *list() {
      for (const [address, { etag, modifiedAt }] of [...blobs].toSorted()) {
        yield { location: JSON.parse(address), address, etag, modifiedAt }
      }
      for (const [address, { location, tail }] of tails)
        yield { location, tail, address, etag: '0x0', modifiedAt: new Date(0) }
    },

    attemptAt(url) {
      if (!url.startsWith(scannedUrl)) return undefined
      const [, owner = '', fileTransferId = '', attemptId = ''] = PATH.exec(url.slice(scannedUrl.length)) ?? []
      const serviceOwner = parseOrganizationNumber(owner)
      return serviceOwner && { fileTransferId, attemptId, serviceOwner }
    },

    locations: () => [...blobs.keys()].map((key): BlobLocation => JSON.parse(key)),
    openSources: () => open.size,
    tails,
  }
}

/** Reads to the end, until `take` refuses a chunk, or until the body fails. */
async function readAll(body: AsyncIterable<Uint8Array>, take: (chunk: Uint8Array) => boolean) {
  try {
    for await (const chunk of body) if (!take(chunk)) return 'tooLarge' as const
    return 'end' as const
  } catch {
    return 'interrupted' as const
  }
}

async function* once(bytes: Buffer, close: () => void) {
  if (bytes.length > 0) yield bytes
  close()
}
