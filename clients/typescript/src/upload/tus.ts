import { API, type Http } from '../calls/http.js'
import { BrokerProblem } from '../calls/problem.js'
import { isTransient, retriesOf } from '../calls/retry.js'
import type { Source } from './source.js'

// The client's side of https://tus.io/protocols/resumable-upload.

const TUS = { 'tus-resumable': '1.0.0' }
const uploadsPath = (fileTransferId: string) => `${API}/filetransfer/upload/tus/${fileTransferId}`

/** An upload at `path` of the bytes from `start` to `end` of a file. */
export type Part = { path: string; start: number; end: number }

/** How often in a row Broker may answer with another offset than it gave just before. */
const MAX_CONFLICTS = 3

/** Creates uploads for the whole file: one, or several that `joinParts` concatenates. */
export async function createParts(http: Http, id: string, sizeBytes: number, count: number, signal?: AbortSignal) {
  const bounds = Array.from({ length: count + 1 }, (_, index) => Math.floor((sizeBytes * index) / count))
  const ranges = bounds.slice(1).map((end, index) => ({ start: bounds[index] ?? 0, end }))
  const parts: Part[] = []
  for (const { start, end } of ranges) {
    const concat: Record<string, string> = count > 1 ? { 'upload-concat': 'partial' } : {}
    const headers = { ...TUS, ...concat, 'upload-length': String(end - start) }
    const created = await headersIn(http.request(uploadsPath(id), { method: 'POST', headers, signal }))
    parts.push({ path: pathIn(created, http.root), start, end })
  }
  return parts
}

/** Only the path is used: a gateway may have another host than Broker knows. */
const pathIn = (created: Headers, root: string) =>
  new URL(created.get('location') ?? '', `${root}/`).pathname.replace(/^.*?(?=\/broker\/api\/)/, '')

type Sending = { chunkBytes: number; onOffset: (offset: number) => void; signal?: AbortSignal | undefined }

/** Sends the bytes of a part that Broker does not have yet. Resumes at Broker's offset after broken connections. */
export async function sendPart(http: Http, source: Source, { path, start, end }: Part, sending: Sending) {
  const { chunkBytes, onOffset, signal } = sending
  const retries = retriesOf(http.retryPolicy, signal)
  const length = end - start
  let offset: number | undefined
  let highestOffset = 0
  let conflicts = 0
  while (offset === undefined || offset < length) {
    try {
      offset ??= offsetIn(await headersIn(http.once(path, { method: 'HEAD', headers: TUS, signal })))
      onOffset(offset)
      if (offset === length) return
      const bytes = await source.read(start + offset, start + Math.min(offset + chunkBytes, length))
      const headers = {
        ...TUS,
        'content-type': 'application/offset+octet-stream',
        'upload-offset': String(offset),
      }
      offset = offsetIn(await headersIn(http.once(path, { method: 'PATCH', headers, bytes, signal })))
      onOffset(offset)
    } catch (error) {
      const isConflict = error instanceof BrokerProblem && error.status === 409
      conflicts = isConflict ? conflicts + 1 : 0
      await retries.failed(error, isConflict ? conflicts <= MAX_CONFLICTS : isTransient(error))
      offset = undefined
    }
    if (offset !== undefined && offset > highestOffset) {
      highestOffset = offset
      retries.progressed()
    }
  }
}

/** Concatenates the parts, in their order, to the file. */
export async function joinParts(http: Http, id: string, parts: Part[], signal?: AbortSignal) {
  const headers = { ...TUS, 'upload-concat': `final;${parts.map(({ path }) => path).join(' ')}` }
  await headersIn(http.request(uploadsPath(id), { method: 'POST', headers, signal }))
}

/** The headers of an answer. Its empty body is read too: otherwise the connection is held until garbage collection. */
async function headersIn(call: Promise<Response>): Promise<Headers> {
  const response = await call
  await response.arrayBuffer()
  return response.headers
}

function offsetIn(headers: Headers): number {
  const offset = Number(headers.get('upload-offset') ?? Number.NaN)
  if (!Number.isSafeInteger(offset) || offset < 0) throw new Error('Broker did not tell where the upload stands.')
  return offset
}
