import { Readable } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'
import { BlockBlobClient } from '@azure/storage-blob'
import { type Details, detailsOf } from '../../transfers/details.js'
import type { Answer, Body, Client } from '../../transfers/retryingClient.js'
import { tusUpload } from '../../transfers/tus.js'
import type { Entry } from '../ledger/ledger.js'
import { OWNER, RESOURCES } from '../mix.js'
import type { Content } from './content.js'

const OCTETS = { 'content-type': 'application/octet-stream' }
const TUS_PIECE = 4 * 2 ** 20
const LINK_BLOCK = 4 * 2 ** 20
/** A client that hangs is silent for so long, and is then gone. */
const HANG_MS = 8000

/** The MD5 of none of the files, and a half of such a SHA-256. */
const WRONG = '0123456789abcdef0123456789abcdef'

/** What the metadata of this plan is. */
export const metadataOf = ({ plan, md5, sha256 }: Entry) => ({
  fileName: `soak ${plan.number}.bin`,
  resourceId: RESOURCES[plan.resource],
  sendersFileTransferReference: `soak ${plan.number}`,
  sender: `0192:${OWNER}`,
  recipients: plan.receivers.map(({ organization }) => `0192:${organization}`),
  disableVirusScan: plan.scan === 'none',
  ...(plan.checksum === 'right' && { checksum: md5 }),
  ...(plan.checksum === 'wrong' && { checksum: WRONG }),
  ...(plan.checksum === 'right SHA-256' && { checksumSha256: sha256 }),
  ...(plan.checksum === 'wrong SHA-256' && { checksumSha256: `${WRONG}${WRONG}` }),
})

/** Begins a transfer, with a key that makes a repeated request answer with the same id. */
export async function initialize(client: Client, entry: Entry, key: string): Promise<Answer> {
  const { headers, ...post } = client.post(metadataOf(entry))
  return client.call(OWNER, 'filetransfer', { ...post, headers: { ...headers, 'idempotency-key': key } })
}

/** Uploads the file in the way and with the habit of the plan. Resolves to the last answer. */
export async function upload(client: Client, { plan, id }: Entry, content: Content): Promise<Answer> {
  const path = `filetransfer/${id}/upload`
  const stream = (how: Pace = {}) => ({ method: 'POST', headers: OCTETS, body: () => streamOf(content, how) })
  const whole = { method: 'POST', headers: OCTETS, body: () => content.slice(0, content.size) }
  const once = () => client.call(OWNER, path, plan.way === 'chunked' ? stream() : whole)

  if (plan.way === 'link') return throughLink(client, id, content)
  if (plan.way === 'tus' || plan.way === 'tus parts') {
    const file = { sender: OWNER, length: content.size, pieceBytes: TUS_PIECE, slice: content.slice }
    if (plan.habit === 'breaks off') await leaveHalfSent(client, id, content, 'breaks off')
    return tusUpload(client, id, { ...file, parts: plan.way === 'tus' ? 1 : 3 })
  }
  switch (plan.habit) {
    case 'steady':
      return once()
    case 'slow':
      return client.call(OWNER, path, stream({ pauseMs: Math.min(200, 4000 / (1 + content.size / 65_536)) }))
    case 'breaks off':
    case 'hangs':
      await leaveHalfSent(client, id, content, plan.habit)
      return once()
    case 'twice at once': {
      const [first, second] = await Promise.all([once(), once()])
      return first.status < 300 ? first : second
    }
    case 'never reads the answer': {
      const gone = AbortSignal.timeout(150)
      await client.callOnce(OWNER, path, { ...whole, signal: gone }).catch(() => {})
      return once()
    }
  }
}

/** A client that leaves, after a silence or at once, with half of its file sent. */
export async function leaveHalfSent(client: Client, id: string, content: Content, how: 'breaks off' | 'hangs') {
  const silence = how === 'hangs' ? HANG_MS : 50
  const body = () => streamOf(content, { last: Math.ceil(content.size / 2), silentMs: silence })
  await client.callOnce(OWNER, `filetransfer/${id}/upload`, { method: 'POST', headers: OCTETS, body }).catch(() => {})
}

type Pace = {
  /** Between two pieces. */
  pauseMs?: number
  /** The stream breaks after so many bytes and this silence. */
  last?: number
  silentMs?: number
}

function streamOf(content: Content, { pauseMs = 0, last = content.size, silentMs }: Pace): ReturnType<Body> {
  const pieces = content.pieces(0, last)
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { value, done } = pieces.next()
      if (value) controller.enqueue(value)
      if (pauseMs > 0) await pause(pauseMs)
      if (!done) return
      if (silentMs === undefined) return controller.close()
      await pause(silentMs)
      controller.error(new Error('The client goes away.'))
    },
  })
}

/** Straight to the storage by its SDK; the link is asked for again when the storage was down. */
async function throughLink(client: Client, id: string, content: Content): Promise<Answer> {
  const complete = () => client.call(OWNER, `filetransfer/${id}/upload/complete`, { method: 'POST' })
  for (let tries = 0; ; tries++) {
    const answer = await client.call(OWNER, `filetransfer/${id}/upload/link`, { method: 'POST' })
    if (answer.status !== 200) return answer
    const { url } = JSON.parse(answer.bytes.toString()) as { url: string }
    const bytes = Readable.from(content.pieces(0, content.size))
    const isStored = await new BlockBlobClient(url).uploadStream(bytes, LINK_BLOCK, 2).then(
      () => true,
      () => false,
    )
    if (isStored || tries === TRIES) return complete()
    await pause(2000)
  }
}

const TRIES = 20

/** Initializes and uploads in one form. */
export function sendForm(client: Client, entry: Entry, content: Content, key: string): Promise<Answer> {
  const form = () => {
    const { recipients, ...fields } = metadataOf(entry)
    const made = new FormData()
    const name = (text: string) => `Metadata.${text[0]?.toUpperCase()}${text.slice(1)}`
    for (const [field, value] of Object.entries(fields)) made.append(name(field), String(value))
    for (const [index, each] of recipients.entries()) made.append(`Metadata.Recipients[${index}]`, each)
    made.append('FileTransfer', new Blob([content.slice(0, content.size)]), 'any.bin')
    return made
  }
  return client.call(OWNER, 'filetransfer/upload', {
    method: 'POST',
    body: form,
    headers: { 'idempotency-key': key },
  })
}

/** The answers to an upload that is over. */
const GONE = [404, 409]

/** Records what the answer to an upload means. A refusal may follow from an attempt whose answer was lost. */
export async function recordUpload(client: Client, entry: Entry, answer: Answer): Promise<void> {
  if (answer.status < 300) {
    entry.acknowledgedAt = Date.now()
    return
  }
  const details = await detailsOf(client, OWNER, entry.id)
  const has = (status: string) => hasBeen(details, status)
  if (answer.status === 400 && entry.plan.checksum.startsWith('wrong') && has('Failed')) return
  if (GONE.includes(answer.status) && has('UploadProcessing')) {
    entry.acknowledgedAt = Date.now()
    return
  }
  const isExplained = entry.cancelledAt !== undefined || has('Purged') || has('Failed')
  if (!GONE.includes(answer.status) || !isExplained) note(entry, 'upload', answer)
}

const hasBeen = ({ fileTransferStatusHistory }: Details, status: string) =>
  fileTransferStatusHistory.some((each) => each.fileTransferStatus === status)

/** Adds an answer that is not explained to the entry. */
export const note = ({ unexpected }: Entry, what: string, { status, bytes }: Answer) =>
  unexpected.push(`${what}: ${status} ${bytes.toString().slice(0, 300)}`)
