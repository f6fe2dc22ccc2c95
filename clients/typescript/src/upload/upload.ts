import { fileTransferPath, type Http } from '../calls/http.js'
import { BrokerProblem } from '../calls/problem.js'
import { isUploaded } from '../wire/statuses.js'
import type { FileTransferOverview } from '../wire/types.js'
import { abortTogether } from './abortTogether.js'
import type { Source } from './source.js'
import { createParts, joinParts, type Part, sendPart } from './tus.js'

const MIB = 2 ** 20

/** Sizes and concurrency of the requests that upload a file. */
export type UploadOptions = {
  /** Files up to this size are sent in one request, larger ones by TUS. Default 8 MiB. */
  oneShotBytes?: number | undefined
  /** The size of one TUS request, which is held in memory. Default 8 MiB, and more for huge files. */
  chunkBytes?: number | undefined
  /** How many parts of a file are sent concurrently. Default 4, fewer when parts would be smaller than a request. */
  parallel?: number | undefined
}

type Upload = UploadOptions & {
  onOffset: (sentBytes: number) => void
  /** The parts of an earlier try, to resume. */
  parts: Part[] | undefined
  saveParts: (parts: Part[]) => Promise<void>
  signal: AbortSignal | undefined
}

// Broker stores a file in 50,000 blocks at most.
const MAX_CHUNKS = 20_000

/** Uploads the file of an initialized file transfer. */
export async function upload(http: Http, id: string, source: Source, options: Upload): Promise<void> {
  const { sizeBytes } = source
  const { oneShotBytes = 8 * MIB, parts, onOffset, signal } = options
  if (sizeBytes > oneShotBytes || parts) return uploadByTus(http, id, source, options)
  const headers = { 'content-type': 'application/octet-stream' }
  const bytes = await source.read(0, sizeBytes)
  try {
    const uploaded = await http.request(fileTransferPath(id, '/upload'), { method: 'POST', headers, bytes, signal })
    await uploaded.arrayBuffer()
  } catch (error) {
    if (!(await hasArrived(http, id, error, signal))) throw error
  }
  onOffset(sizeBytes)
}

async function uploadByTus(http: Http, id: string, source: Source, options: Upload): Promise<void> {
  const { sizeBytes } = source
  const { parallel = 4, saveParts, signal } = options
  const chunkBytes = Math.max(options.chunkBytes ?? 8 * MIB, Math.ceil(sizeBytes / MAX_CHUNKS))
  const count = Math.max(1, Math.min(parallel, Math.floor(sizeBytes / chunkBytes)))
  const create = async () => {
    const created = await createParts(http, id, sizeBytes, count, signal)
    await saveParts(created)
    return created
  }
  const send = async (parts: Part[]) => {
    await sendAll(http, source, parts, { ...options, chunkBytes })
    if (parts.length > 1) await joinParts(http, id, parts, signal)
  }
  try {
    await send(options.parts ?? (await create()))
  } catch (error) {
    if (await hasArrived(http, id, error, signal)) return
    // Broker discards the uploads of an earlier try after a day.
    const isGone = options.parts && error instanceof BrokerProblem && [400, 404].includes(error.status)
    if (!isGone) throw error
    await send(await create())
  }
}

async function sendAll(http: Http, source: Source, parts: Part[], options: Upload & { chunkBytes: number }) {
  const { chunkBytes, onOffset } = options
  // No progress before the offset of every part is known: a resumed upload would seem to start at zero.
  const offsets = new Map<number, number>()
  const onPartOffset = (index: number) => (offset: number) => {
    offsets.set(index, offset)
    if (offsets.size === parts.length) onOffset([...offsets.values()].reduce((sum, each) => sum + each, 0))
  }
  await abortTogether(options.signal, (signal) =>
    Promise.all(
      parts.map((part, index) => sendPart(http, source, part, { chunkBytes, signal, onOffset: onPartOffset(index) })),
    ),
  )
}

/** Whether the file has arrived nevertheless: the answer to an earlier try was lost. */
async function hasArrived(http: Http, id: string, error: unknown, signal: AbortSignal | undefined): Promise<boolean> {
  if (!(error instanceof BrokerProblem) || error.status !== 409) return false
  const now = await http.json<FileTransferOverview>(fileTransferPath(id), { signal })
  return isUploaded(now.fileTransferStatus)
}
