import { pipeline, Readable } from 'node:stream'
import { createGunzip, createGzip } from 'node:zlib'
import type { BlobServiceClient } from '@azure/storage-blob'
import { z } from 'zod'
import { backupOf } from '../../domain/operating/backup.js'
import type { BackupManifest, BackupStore, StoredRow } from '../../usecases/ports/operating.js'
import { unless } from '../azure/failures.js'
import { time } from '../schemas.js'

/** The container of backups. The deployment creates it, with a policy against changes and deletion. */
export const BACKUPS_CONTAINER = 'backups'

const MANIFESTS = 'manifests/'
const BUFFER_BYTES = 4 * 2 ** 20
const BUFFERS = 2
/** How often a broken download is resumed: rows are read as slowly as they are added. */
const MAX_RESUMES = 100
/** Written once: a blob that exists is of an earlier try of the same backup, whose answer was lost. */
const ifNew = { ifNoneMatch: '*' }

const storedManifest: z.ZodType<BackupManifest> = z.object({
  id: z.string(),
  isFull: z.boolean(),
  startedAt: time,
  finishedAt: time,
  since: time.nullable().transform((since) => since ?? undefined),
  parts: z.array(z.object({ name: z.string(), table: z.string(), rows: z.int() })),
})
const storedRow = z.looseObject({ partitionKey: z.string(), rowKey: z.string() })

/** Backups as blobs: `rows/{id}/{part}.jsonl.gz`, a row a line, and `manifests/{id}.json`. */
export function azureBackups(account: BlobServiceClient): BackupStore {
  const container = account.getContainerClient(BACKUPS_CONTAINER)
  const rowsBlob = (id: string, part: string) => container.getBlockBlobClient(`rows/${id}/${part}.jsonl.gz`)
  const manifestBlob = (id: string) => container.getBlockBlobClient(`${MANIFESTS}${id}.json`)

  return {
    async list() {
      const blobs = await Array.fromAsync(container.listBlobsFlat({ prefix: MANIFESTS }))
      const ids = blobs.map(({ name }) => name.slice(MANIFESTS.length).replace(/\.json$/, ''))
      return ids.toSorted().flatMap((id) => backupOf(id) ?? [])
    },

    async manifestOf({ id }) {
      return storedManifest.parse(JSON.parse((await manifestBlob(id).downloadToBuffer()).toString()))
    },

    async write(id, part, rows) {
      const iterator = rows[Symbol.asyncIterator]()
      const first = await iterator.next()
      if (first.done) return 0
      let count = 0
      async function* lines() {
        for (let next = first; !next.done; next = await iterator.next()) {
          count++
          yield `${JSON.stringify(next.value)}\n`
        }
      }
      // A failure of the one ends the other.
      const packed = pipeline(Readable.from(lines()), createGzip(), () => {})
      // Not as a content encoding, which clients would decode.
      const options = { conditions: ifNew, blobHTTPHeaders: { blobContentType: 'application/gzip' } }
      await unless(409, rowsBlob(id, part).uploadStream(packed, BUFFER_BYTES, BUFFERS, options)).finally(() =>
        packed.destroy(),
      )
      return count
    },

    async complete(manifest) {
      const text = JSON.stringify({ ...manifest, since: manifest.since ?? null })
      const options = { conditions: ifNew, blobHTTPHeaders: { blobContentType: 'application/json' } }
      await unless(409, manifestBlob(manifest.id).upload(text, Buffer.byteLength(text), options))
    },

    async *read({ id, parts }, part) {
      const expected = parts.find(({ name }) => name === part)?.rows ?? 0
      if (expected === 0) return
      const { readableStreamBody } = await rowsBlob(id, part).download(0, undefined, { maxRetryRequests: MAX_RESUMES })
      if (!readableStreamBody) throw new Error(`The backup ${id} has no rows of ${part}.`)
      let count = 0
      const unpacked = pipeline(readableStreamBody, createGunzip(), () => {})
      for await (const line of linesOf(unpacked)) {
        count++
        yield storedRow.parse(JSON.parse(line)) as StoredRow
      }
      if (count !== expected) throw new Error(`The backup ${id} has ${count} rows of ${part}, not ${expected}.`)
    },
  }
}

/** Lines that end with a line feed alone: JSON may contain what `readline` takes for the end of a line. */
async function* linesOf(bytes: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of bytes) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    yield* lines
  }
}
