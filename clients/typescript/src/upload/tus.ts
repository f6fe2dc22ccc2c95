import { API, type Http } from '../calls/http.js'
import { BrokerProblem } from '../calls/problem.js'
import { isTransient, retriesOf } from '../calls/retry.js'
import type { Source } from './source.js'

// https://tus.io/protocols/resumable-upload, as much of it as sending takes.

const TUS = { 'tus-resumable': '1.0.0' }
const rootOf = (fileTransferId: string) => `${API}/filetransfer/upload/tus/${fileTransferId}`

/** An upload at Broker of the bytes from `start` to `end` of a file. `path` is where. */
export type Part = { path: string; start: number; end: number }

/** So often in a row Broker may say that the upload stands elsewhere than it has just told. */
const MAX_CONFLICTS = 3

/** Uploads that together take the whole file: one, or several to be joined. */
export async function createParts(http: Http, id: string, sizeBytes: number, count: number, signal?: AbortSignal) {
  const bounds = Array.from({ length: count + 1 }, (_, index) => Math.floor((sizeBytes * index) / count))
  const ranges = bounds.slice(1).map((end, index) => ({ start: bounds[index] ?? 0, end }))
  const parts: Part[] = []
  for (const { start, end } of ranges) {
    const concat: Record<string, string> = count > 1 ? { 'upload-concat': 'partial' } : {}
    const headers = { ...TUS, ...concat, 'upload-length': String(end - start) }
    const created = await headersIn(http.request(rootOf(id), { method: 'POST', headers, signal }))
    parts.push({ path: pathIn(created, http.root), start, end })
  }
  return parts
}

/** Only the path counts: a gateway may have another host than Broker knows. */
const pathIn = (created: Headers, root: string) =>
  new URL(created.get('location') ?? '', `${root}/`).pathname.replace(/^.*?(?=\/broker\/api\/)/, '')

type Sending = { chunkBytes: number; onOffset: (offset: number) => void; signal?: AbortSignal | undefined }

/** Sends what Broker does not have yet of a part. It goes on over broken connections, where Broker stands. */
export async function sendPart(http: Http, source: Source, { path, start, end }: Part, sending: Sending) {
  const { chunkBytes, onOffset, signal } = sending
  const retries = retriesOf(http.retryPolicy, signal)
  const length = end - start
  let offset: number | undefined
  let farthest = 0
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
    if (offset !== undefined && offset > farthest) {
      farthest = offset
      retries.progressed()
    }
  }
}

/** Makes the parts, in their order, the file. */
export async function joinParts(http: Http, id: string, parts: Part[], signal?: AbortSignal) {
  const headers = { ...TUS, 'upload-concat': `final;${parts.map(({ path }) => path).join(' ')}` }
  await headersIn(http.request(rootOf(id), { method: 'POST', headers, signal }))
}

/** What an answer without a body says. It is read all the same: an answer that is not holds its connection until it is collected as garbage. */
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
