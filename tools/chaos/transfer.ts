import { createHash } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { pollUntil } from '../../local/pollUntil.js'
import { OWNER, type Plan, RESOURCES } from './plan.js'
import type { Answer, Client } from './retryingClient.js'
import { tusUpload } from './tus.js'

/** What clients have been told in the course of a transfer, and what they have not understood. */
export type Told = {
  plan: Plan
  id: string
  isStored: boolean
  isCancelled: boolean
  confirmed: string[]
  /** The recipients did not wait until it was published. */
  hasGivenUp: boolean
  surprises: string[]
}

export type Details = {
  fileTransferId: string
  fileTransferStatus: string
  checksum: string | null
  fileTransferSize: number
  fileTransferStatusHistory: { fileTransferStatus: string }[]
  recipients: { recipient: string; currentRecipientFileTransferStatusCode: string }[]
}

export const md5 = (bytes: Uint8Array): string => createHash('md5').update(bytes).digest('hex')

const PUBLISH_WITHIN_MS = 150_000

/** Plays a plan to its end. What the clients are told is noted; what cannot be explained is a surprise. */
export async function play(client: Client, plan: Plan, seed: number): Promise<Told> {
  const told: Told = {
    plan,
    id: '',
    isStored: false,
    isCancelled: false,
    confirmed: [],
    hasGivenUp: false,
    surprises: [],
  }
  const note = (what: string, { status, bytes }: Answer) =>
    told.surprises.push(`${what}: ${status} ${bytes.toString().slice(0, 300)}`)
  try {
    await send(client, told, `chaos-${seed}-${plan.number}`, note)
    if (told.isStored && (await isPublished(client, told))) await receive(client, told, note)
  } catch (error) {
    told.surprises.push(String(error))
  }
  return told
}

type Note = (what: string, answer: Answer) => void

async function send(client: Client, told: Told, key: string, note: Note): Promise<void> {
  const { plan } = told
  const keyed = { 'idempotency-key': key }
  if (plan.isForm) {
    const answer = await client.ask(OWNER, 'filetransfer/upload', {
      method: 'POST',
      body: () => form(plan),
      headers: keyed,
    })
    told.id = idIn(answer)
    await understandUpload(client, told, answer, note)
  } else {
    const { headers, ...post } = client.post(request(plan))
    const initialize = () => client.ask(OWNER, 'filetransfer', { ...post, headers: { ...headers, ...keyed } })
    const answer = await initialize()
    told.id = idIn(answer)
    if (answer.status !== 200) return note('initialize', answer)
    if (plan.repeats && idIn(await initialize()) !== told.id) note('initialize again', answer)
    if (plan.cancels === 'before the upload') await cancel(client, told, note)
    for (let i = 0; i < plan.breaks; i++) await breakOff(client, told)
    const sent = plan.tusParts === undefined ? upload(client, told) : tusUpload(client, told.id, plan)
    await understandUpload(client, told, await sent, note)
  }
  if (plan.cancels === 'after the upload') await cancel(client, told, note)
}

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

const upload = (client: Client, { id, plan }: Told) =>
  client.ask(OWNER, `filetransfer/${id}/upload`, {
    method: 'POST',
    body: () => plan.content,
    headers: { 'content-type': 'application/octet-stream' },
  })

/** A client that goes away in the midst of its upload. */
async function breakOff(client: Client, { id, plan }: Told): Promise<void> {
  const body = () =>
    new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(plan.content.subarray(0, plan.content.length / 2)),
      pull: async (controller) => {
        await pause(100)
        controller.error(new Error('The client goes away.'))
      },
    })
  const headers = { 'content-type': 'application/octet-stream' }
  await client.once(OWNER, `filetransfer/${id}/upload`, { method: 'POST', body, headers }).catch(() => {})
}

/** To an upload that has ended, however it ended; TUS knows no such upload any more when it was given up. */
const GONE = [404, 409]

/** A refusal may be the echo of an earlier try whose answer was lost: the transfer itself tells. */
async function understandUpload(client: Client, told: Told, answer: Answer, note: Note): Promise<void> {
  const { plan } = told
  if (answer.status < 300) {
    told.isStored = true
    return
  }
  const now = await detailsOf(client, told.id)
  const hasBeen = (status: string) => now.fileTransferStatusHistory.some((each) => each.fileTransferStatus === status)
  if (plan.isMistaken && hasBeen('Failed') && [400, ...GONE].includes(answer.status)) return
  if (GONE.includes(answer.status) && hasBeen('UploadProcessing')) {
    told.isStored = true
    if (now.checksum && now.checksum !== md5(plan.content)) note('the checksum of the upload', answer)
    return
  }
  if (GONE.includes(answer.status) && (told.isCancelled || hasBeen('Purged'))) return
  note('upload', answer)
}

async function cancel(client: Client, told: Told, note: Note): Promise<void> {
  const answer = await client.ask(OWNER, `filetransfer/${told.id}/cancel`, { method: 'POST' })
  told.isCancelled = answer.status === 204
  if (!told.isCancelled && answer.status !== 409) note('cancel', answer)
}

/** The transfer and its history, as its sender sees it. */
export const detailsOf = (client: Client, id: string): Promise<Details> =>
  client.json<Details>(OWNER, `filetransfer/${id}/details`)

/** While the app is killed every few seconds this may take long; a client that gives up has been told nothing wrong. */
async function isPublished(client: Client, told: Told): Promise<boolean> {
  let status = ''
  const isProcessed = async () => {
    status = (await detailsOf(client, told.id)).fileTransferStatus
    return status !== 'UploadProcessing'
  }
  told.hasGivenUp = !(await pollUntil(isProcessed, { withinMs: PUBLISH_WITHIN_MS, everyMs: 300 }))
  return status === 'Published'
}

async function receive(client: Client, told: Told, note: Note): Promise<void> {
  const { plan, id } = told
  for (const [index, recipient] of plan.recipients.entries()) {
    const file = plan.isRanged ? await inParts(client, recipient, told) : await download(client, recipient, id)
    if (file.status >= 400) {
      if (plan.resource !== 'expiring') note('download', file)
      return
    }
    if (md5(file.bytes) !== md5(plan.content))
      note(`${recipient} got another file`, { ...file, bytes: Buffer.alloc(0) })
    if (index >= plan.confirming) continue
    const answer = await client.ask(recipient, `filetransfer/${id}/confirmdownload`, { method: 'POST' })
    if (answer.status === 204) told.confirmed.push(recipient)
    else if (plan.resource !== 'expiring') note('confirm', answer)
  }
}

/** The whole file, as this recipient gets it. */
export const download = (client: Client, recipient: string, id: string, headers: Record<string, string> = {}) =>
  client.ask(recipient, `filetransfer/${id}/download`, { headers })

async function inParts(client: Client, recipient: string, { id, plan }: Told): Promise<Answer> {
  const half = Math.floor(plan.content.length / 2)
  if (half === 0) return download(client, recipient, id)
  const first = await download(client, recipient, id, { range: `bytes=0-${half - 1}` })
  if (first.status >= 400) return first
  const rest = await download(client, recipient, id, { range: `bytes=${half}-` })
  return rest.status >= 400 ? rest : { ...rest, bytes: Buffer.concat([first.bytes, rest.bytes]) }
}
