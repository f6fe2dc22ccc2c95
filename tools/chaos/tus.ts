import { setTimeout as pause } from 'node:timers/promises'
import { OWNER, type Plan } from './plan.js'
import type { Answer, Client } from './retryingClient.js'

const TUS = { 'tus-resumable': '1.0.0' }
const PIECE = 300_000
const GIVE_UP_AFTER_MS = 240_000
/** Transient: another writer holds the upload for some seconds, or the offset was not the next one. */
const TRANSIENT = [409, 423]

/**
 * Sends the file by TUS, in pieces; after every failure it asks for the offset and continues there.
 * Resolves to the answer to the last piece, or the first refusal.
 */
export async function tusUpload(client: Client, id: string, { content, tusParts = 1 }: Plan): Promise<Answer> {
  const path = `filetransfer/upload/tus/${id}`
  if (tusParts === 1) {
    const length = { 'upload-length': `${content.length}` }
    const created = await client.call(OWNER, path, { method: 'POST', headers: { ...TUS, ...length } })
    return created.status === 201 ? sendPieces(client, path, content) : created
  }
  const edges = Array.from({ length: tusParts + 1 }, (_, number) => Math.floor((content.length / tusParts) * number))
  const parts = await Promise.all(
    edges.slice(1).map(async (end, number) => {
      const piece = content.subarray(edges[number], end)
      const length = { 'upload-length': `${piece.length}`, 'upload-concat': 'partial' }
      const created = await client.call(OWNER, path, { method: 'POST', headers: { ...TUS, ...length } })
      if (created.status !== 201) return { answer: created, at: '' }
      const at = created.headers.get('location')?.replace('/broker/api/v1/', '') ?? ''
      return { answer: piece.length > 0 ? await sendPieces(client, at, piece) : created, at }
    }),
  )
  const refused = parts.find(({ answer }) => answer.status >= 300)
  if (refused) return refused.answer
  const order = parts.map(({ at }) => `/broker/api/v1/${at}`).join(' ')
  return client.call(OWNER, path, { method: 'POST', headers: { ...TUS, 'upload-concat': `final;${order}` } })
}

async function sendPieces(client: Client, path: string, content: Buffer<ArrayBuffer>): Promise<Answer> {
  const started = Date.now()
  for (;;) {
    const head = await client.call(OWNER, path, { method: 'HEAD', headers: TUS })
    const offset = Number(head.headers.get('upload-offset') ?? Number.NaN)
    if (head.status !== 200 || offset === content.length) return head
    const answer = await client
      .callOnce(OWNER, path, {
        method: 'PATCH',
        body: () => content.subarray(offset, offset + PIECE),
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
