import { setTimeout as pause } from 'node:timers/promises'
import type { Answer, Client } from './retryingClient.js'

const TUS = { 'tus-resumable': '1.0.0' }
const GIVE_UP_AFTER_MS = 240_000
/** Transient: another writer holds the upload for some seconds, or the offset was not the next one. */
const TRANSIENT = [409, 423]

/** A file that is sent in requests of at most `pieceBytes`, on `parts` parallel ways. */
export type TusFile = {
  sender: string
  length: number
  parts: number
  pieceBytes: number
  /** The bytes from `first` up to `last`. */
  slice(first: number, last: number): Uint8Array<ArrayBuffer>
}

/**
 * Sends the file by TUS, in pieces; after every failure it asks for the offset and continues there.
 * Resolves to the answer to the last piece, or the first refusal.
 */
export async function tusUpload(client: Client, id: string, file: TusFile): Promise<Answer> {
  const { sender, length: size, parts: count } = file
  const path = `filetransfer/upload/tus/${id}`
  const whole = { ...file, first: 0, last: size }
  if (count === 1) {
    const length = { 'upload-length': `${size}` }
    const created = await client.call(sender, path, { method: 'POST', headers: { ...TUS, ...length } })
    return created.status === 201 ? sendPieces(client, path, whole) : created
  }
  const edges = Array.from({ length: count + 1 }, (_, number) => Math.floor((size / count) * number))
  const parts = await Promise.all(
    edges.slice(1).map(async (end, number) => {
      const part = { ...whole, first: edges[number] ?? 0, last: end }
      const length = { 'upload-length': `${end - part.first}`, 'upload-concat': 'partial' }
      const created = await client.call(sender, path, { method: 'POST', headers: { ...TUS, ...length } })
      if (created.status !== 201) return { answer: created, at: '' }
      const at = created.headers.get('location')?.replace('/broker/api/v1/', '') ?? ''
      return { answer: end > part.first ? await sendPieces(client, at, part) : created, at }
    }),
  )
  const refused = parts.find(({ answer }) => answer.status >= 300)
  if (refused) return refused.answer
  const order = parts.map(({ at }) => `/broker/api/v1/${at}`).join(' ')
  return client.call(sender, path, { method: 'POST', headers: { ...TUS, 'upload-concat': `final;${order}` } })
}

type Part = TusFile & { first: number; last: number }

async function sendPieces(client: Client, path: string, part: Part): Promise<Answer> {
  const { sender, first, last, pieceBytes, slice } = part
  const started = Date.now()
  for (;;) {
    const head = await client.call(sender, path, { method: 'HEAD', headers: TUS })
    const offset = Number(head.headers.get('upload-offset') ?? Number.NaN)
    if (head.status !== 200 || offset === last - first) return head
    const answer = await client
      .callOnce(sender, path, {
        method: 'PATCH',
        body: () => slice(first + offset, Math.min(first + offset + pieceBytes, last)),
        headers: { ...TUS, 'content-type': 'application/offset+octet-stream', 'upload-offset': `${offset}` },
      })
      .catch(() => undefined)
    const isTransient = !answer || answer.status >= 500 || TRANSIENT.includes(answer.status)
    if (answer && !isTransient && answer.status !== 204) return answer
    if (answer?.status === 409 && /already/.test(answer.bytes.toString())) return answer
    if (Date.now() - started > GIVE_UP_AFTER_MS)
      throw new Error(`${path} is given up: ${answer?.status} ${answer?.bytes}`)
    if (isTransient) await pause(500)
  }
}
