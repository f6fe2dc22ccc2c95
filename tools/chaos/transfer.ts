import { createHash } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { pollUntil } from '../../local/pollUntil.js'
import { detailsOf } from '../transfers/details.js'
import type { Answer, Client } from '../transfers/retryingClient.js'
import { tusUpload } from '../transfers/tus.js'
import { OWNER, type Plan, RESOURCES } from './plan.js'

/** What the clients of a transfer observed, and the answers that cannot be explained. */
export type TransferRecord = {
  plan: Plan
  id: string
  isStored: boolean
  isCancelled: boolean
  confirmed: string[]
  /** The file was not published within the time-out. */
  timedOut: boolean
  unexpected: string[]
}

export const md5 = (bytes: Uint8Array): string => createHash('md5').update(bytes).digest('hex')

const PUBLISH_WITHIN_MS = 150_000

/** Runs a plan to its end and records the answers; those that cannot be explained are `unexpected`. */
export async function playTransfer(client: Client, plan: Plan, seed: number): Promise<TransferRecord> {
  const record: TransferRecord = {
    plan,
    id: '',
    isStored: false,
    isCancelled: false,
    confirmed: [],
    timedOut: false,
    unexpected: [],
  }
  const note = (what: string, { status, bytes }: Answer) =>
    record.unexpected.push(`${what}: ${status} ${bytes.toString().slice(0, 300)}`)
  try {
    await send(client, record, `chaos-${seed}-${plan.number}`, note)
    if (record.isStored && (await isPublished(client, record))) await receive(client, record, note)
  } catch (error) {
    record.unexpected.push(String(error))
  }
  return record
}

type Note = (what: string, answer: Answer) => void

async function send(client: Client, record: TransferRecord, key: string, note: Note): Promise<void> {
  const { plan } = record
  const keyed = { 'idempotency-key': key }
  if (plan.isForm) {
    const answer = await client.call(OWNER, 'filetransfer/upload', {
      method: 'POST',
      body: () => form(plan),
      headers: keyed,
    })
    record.id = idIn(answer)
    await noteUploadAnswer(client, record, answer, note)
  } else {
    const { headers, ...post } = client.post(request(plan))
    const initialize = () => client.call(OWNER, 'filetransfer', { ...post, headers: { ...headers, ...keyed } })
    const answer = await initialize()
    record.id = idIn(answer)
    if (answer.status !== 200) return note('initialize', answer)
    if (plan.repeats && idIn(await initialize()) !== record.id) note('initialize again', answer)
    if (plan.cancels === 'before the upload') await cancel(client, record, note)
    for (let i = 0; i < plan.breaks; i++) await breakOff(client, record)
    const sent = plan.tusParts === undefined ? upload(client, record) : tusUpload(client, record.id, tusFile(plan))
    await noteUploadAnswer(client, record, await sent, note)
  }
  if (plan.cancels === 'after the upload') await cancel(client, record, note)
}

const tusFile = ({ content, tusParts: parts = 1 }: Plan) => ({
  sender: OWNER,
  length: content.length,
  parts,
  pieceBytes: 300_000,
  slice: (first: number, last: number) => content.subarray(first, last),
})

const request = ({ resource, recipients, isScanned, isMistaken, number }: Plan) => ({
  fileName: `file ${number}.bin`,
  resourceId: RESOURCES[resource].id,
  sendersFileTransferReference: `${number}`,
  sender: `0192:${OWNER}`,
  recipients: recipients.map((each) => `0192:${each}`),
  disableVirusScan: !isScanned,
  ...(isMistaken && { checksum: md5(Buffer.from('something else')) }),
})

function form(plan: Plan): FormData {
  const { recipients, ...fields } = request(plan)
  const made = new FormData()
  const name = (text: string) => `Metadata.${text[0]?.toUpperCase()}${text.slice(1)}`
  for (const [field, value] of Object.entries(fields)) made.append(name(field), String(value))
  for (const [index, each] of recipients.entries()) made.append(`Metadata.Recipients[${index}]`, each)
  made.append('FileTransfer', new Blob([plan.content]), 'any.bin')
  return made
}

const idIn = ({ bytes }: Answer): string => /"fileTransferId":\s*"([^"]+)"/.exec(bytes.toString())?.[1] ?? ''

const upload = (client: Client, { id, plan }: TransferRecord) =>
  client.call(OWNER, `filetransfer/${id}/upload`, {
    method: 'POST',
    body: () => plan.content,
    headers: { 'content-type': 'application/octet-stream' },
  })

/** A client that disconnects during its upload. */
async function breakOff(client: Client, { id, plan }: TransferRecord): Promise<void> {
  const body = () =>
    new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(plan.content.subarray(0, plan.content.length / 2)),
      pull: async (controller) => {
        await pause(100)
        controller.error(new Error('The client goes away.'))
      },
    })
  const headers = { 'content-type': 'application/octet-stream' }
  await client.callOnce(OWNER, `filetransfer/${id}/upload`, { method: 'POST', body, headers }).catch(() => {})
}

/** The answers to an upload that is over; for TUS, an upload that was abandoned no longer exists. */
const GONE = [404, 409]

/** A refusal may follow from an earlier attempt whose answer was lost: the history decides. */
async function noteUploadAnswer(client: Client, record: TransferRecord, answer: Answer, note: Note): Promise<void> {
  const { plan } = record
  if (answer.status < 300) {
    record.isStored = true
    return
  }
  const now = await detailsOf(client, OWNER, record.id)
  const hasBeen = (status: string) => now.fileTransferStatusHistory.some((each) => each.fileTransferStatus === status)
  if (plan.isMistaken && hasBeen('Failed') && [400, ...GONE].includes(answer.status)) return
  if (GONE.includes(answer.status) && hasBeen('UploadProcessing')) {
    record.isStored = true
    if (now.checksum && now.checksum !== md5(plan.content)) note('the checksum of the upload', answer)
    return
  }
  if (GONE.includes(answer.status) && (record.isCancelled || hasBeen('Purged'))) return
  note('upload', answer)
}

async function cancel(client: Client, record: TransferRecord, note: Note): Promise<void> {
  const answer = await client.call(OWNER, `filetransfer/${record.id}/cancel`, { method: 'POST' })
  record.isCancelled = answer.status === 204
  if (!record.isCancelled && answer.status !== 409) note('cancel', answer)
}

/** May take long while the app is killed every few seconds; a client that times out got no wrong answer. */
async function isPublished(client: Client, record: TransferRecord): Promise<boolean> {
  let status = ''
  const isProcessed = async () => {
    status = (await detailsOf(client, OWNER, record.id)).fileTransferStatus
    return status !== 'UploadProcessing'
  }
  record.timedOut = !(await pollUntil(isProcessed, { withinMs: PUBLISH_WITHIN_MS, everyMs: 300 }))
  return status === 'Published'
}

async function receive(client: Client, record: TransferRecord, note: Note): Promise<void> {
  const { plan, id } = record
  for (const [index, recipient] of plan.recipients.entries()) {
    const file = plan.isRanged ? await inParts(client, recipient, record) : await download(client, recipient, id)
    if (file.status >= 400) {
      if (plan.resource !== 'expiring') note('download', file)
      return
    }
    if (md5(file.bytes) !== md5(plan.content))
      note(`${recipient} got another file`, { ...file, bytes: Buffer.alloc(0) })
    if (index >= plan.confirming) continue
    const answer = await client.call(recipient, `filetransfer/${id}/confirmdownload`, { method: 'POST' })
    if (answer.status === 204) record.confirmed.push(recipient)
    else if (plan.resource !== 'expiring') note('confirm', answer)
  }
}

/** The whole file, as this recipient gets it. */
export const download = (client: Client, recipient: string, id: string, headers: Record<string, string> = {}) =>
  client.call(recipient, `filetransfer/${id}/download`, { headers })

async function inParts(client: Client, recipient: string, { id, plan }: TransferRecord): Promise<Answer> {
  const half = Math.floor(plan.content.length / 2)
  if (half === 0) return download(client, recipient, id)
  const first = await download(client, recipient, id, { range: `bytes=0-${half - 1}` })
  if (first.status >= 400) return first
  const rest = await download(client, recipient, id, { range: `bytes=${half}-` })
  return rest.status >= 400 ? rest : { ...rest, bytes: Buffer.concat([first.bytes, rest.bytes]) }
}
