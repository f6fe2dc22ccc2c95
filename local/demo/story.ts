import { createHash, type Hash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { readWorld } from '../altinn/world.js'
import { type Addresses, type Broker, brokerOn } from './broker.js'
import { progress } from './progress.js'
import { expectedEvents, missingEvents, timeline } from './timeline.js'

const SENDER = '991825827'
const RECIPIENTS = ['986252932', '910753614']
const RESOURCE = 'altinn-broker-test-resource-1'

const WAIT_MS = 60_000
/** How slow checking and scanning may be before the demo gives up, beyond `WAIT_MS`. */
const SLOWEST_BYTES_PER_MS = 2000

type Output = { isTTY?: boolean; write(text: string): unknown }
type Sent = { fileName: string; sizeBytes: number; md5: string }

/** Sends the file from one organisation to two others, checks what they get, and tells the story. @throws one sentence when it goes wrong. */
export async function tellStory(addresses: Addresses, file: string, output: Output): Promise<void> {
  const broker = brokerOn(addresses)
  const say = (line: string) => output.write(`${line}\n`)
  const world = readWorld()
  const nameOf = (organization: string) => world.organisation(organization)?.name ?? organization

  await broker.registerServiceOwner(SENDER, nameOf(SENDER))
  await broker.configureResource(SENDER, RESOURCE)
  say(`${nameOf(SENDER)} sends ${basename(file)} to ${RECIPIENTS.map(nameOf).join(' and ')}`)
  const id = await initialize(broker, basename(file))
  say(`  file transfer ${id}`)

  const sent = await upload(broker, id, file, output)
  await until('The file to be published', WAIT_MS + sent.sizeBytes / SLOWEST_BYTES_PER_MS, async () => {
    const { fileTransferStatus: status, fileTransferStatusText: why } = await broker.overview(SENDER, id)
    if (status === 'Failed') throw new Error(`The file transfer has failed: ${why}`)
    return status === 'Published' || status
  })
  say('  published')

  for (const recipient of RECIPIENTS) {
    await download(broker, id, recipient, nameOf(recipient), sent, output)
    await broker.confirmDownload(recipient, id)
    say(`  same size, MD5 and name; confirmed by ${nameOf(recipient)}`)
  }
  await until('The last confirmation to close the transfer', WAIT_MS, async () => {
    const { fileTransferStatus: status } = await broker.overview(SENDER, id)
    return status === 'AllConfirmedDownloaded' || status
  })
  const expected = expectedEvents(SENDER, RECIPIENTS)
  await until('All events to arrive', WAIT_MS, async () => {
    const missing = missingEvents(expected, await broker.receivedEvents(id))
    return missing.length === 0 || `missing: ${missing.join(', ')}`
  })

  const events = await broker.receivedEvents(id)
  say(`\nWhat happened (UTC): ● file transfer, ○ recipient, ✉ event\n`)
  for (const line of timeline(await broker.details(SENDER, id), events, nameOf)) say(line)
  say(`\nAll ${expected.length} events have arrived; MD5 ${sent.md5}, ${sent.sizeBytes} bytes.`)
}

async function initialize(broker: Broker, fileName: string): Promise<string> {
  let id: string | undefined
  await until('The storage of the service owner to be ready', WAIT_MS, async () => {
    id = await broker.initialize(SENDER, {
      fileName,
      resourceId: RESOURCE,
      sender: `0192:${SENDER}`,
      recipients: RECIPIENTS.map((recipient) => `0192:${recipient}`),
      sendersFileTransferReference: 'demo',
    })
    return id !== undefined || 'not ready'
  })
  return id ?? ''
}

async function upload(broker: Broker, id: string, file: string, output: Output): Promise<Sent> {
  const content = createReadStream(file, { highWaterMark: 256 * 1024 })
  const shown = progress('upload', (await stat(file)).size, output)
  const md5 = createHash('md5')
  const counted = { sizeBytes: 0 }
  const passed = measured(content, md5, counted)
  // A failure of either side destroys the other; it is the upload that tells of it.
  pipeline(passed, shown).catch(() => undefined)
  await broker.upload(SENDER, id, shown)
  return { fileName: basename(file), sizeBytes: counted.sizeBytes, md5: md5.digest('hex') }
}

async function download(broker: Broker, id: string, recipient: string, name: string, sent: Sent, output: Output) {
  const { content, sizeBytes, fileName } = await broker.download(recipient, id)
  const md5 = createHash('md5')
  const counted = { sizeBytes: 0 }
  await pipeline(measured(content, md5, counted), progress(`download by ${name}`, sizeBytes, output), async (bytes) => {
    for await (const _ of bytes);
  })
  const got: Sent = { fileName: fileName ?? '(none)', sizeBytes: counted.sizeBytes, md5: md5.digest('hex') }
  for (const what of ['sizeBytes', 'md5', 'fileName'] as const) {
    if (got[what] === sent[what]) continue
    throw new Error(`${name} did not get what was sent: ${what} is ${got[what]} and should be ${sent[what]}`)
  }
}

async function* measured(content: Readable, md5: Hash, counted: { sizeBytes: number }): AsyncGenerator<Buffer> {
  for await (const chunk of content as AsyncIterable<Buffer>) {
    md5.update(chunk)
    counted.sizeBytes += chunk.length
    yield chunk
  }
}

/** Asks until the answer is true. @throws with the last answer when the time is over. */
async function until(what: string, ms: number, ask: () => Promise<true | string>): Promise<void> {
  const deadline = Date.now() + ms
  for (let wait = 20; ; wait = Math.min(wait * 1.5, 500)) {
    const answer = await ask()
    if (answer === true) return
    if (Date.now() > deadline) throw new Error(`${what} took more than ${Math.round(ms / 1000)} s (${answer})`)
    await pause(wait)
  }
}
