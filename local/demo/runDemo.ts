import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { setUpResource } from '../../clients/typescript/src/cli/connect.js'
import { meter } from '../../clients/typescript/src/cli/output.js'
import { printable } from '../../clients/typescript/src/cli/printable.js'
import type { BrokerClient, Sent } from '../../clients/typescript/src/index.js'
import { fileSource } from '../../clients/typescript/src/node.js'
import { readWorld } from '../altinn/world.js'
import { type Addresses, organizationClient } from '../organizationClient.js'
import { pollUntil } from '../pollUntil.js'
import { receivedEvents } from './events.js'
import { expectedEvents, missingEvents, timeline } from './timeline.js'

const SENDER = '991825827'
const RECIPIENTS = ['986252932', '910753614']
const RESOURCE = 'altinn-broker-test-resource-1'

const WAIT_MS = 60_000
/** How slow sending, checking and scanning may be before the demo ends with an error, beyond `WAIT_MS`. */
const SLOWEST_BYTES_PER_MS = 2000

type Output = { isTTY?: boolean; write(text: string): unknown }

/**
 * Sends the file from one organisation to two others, checks what they receive, and prints the timeline.
 * @throws one sentence when it goes wrong.
 */
export async function runDemo(addresses: Addresses, file: string, output: Output): Promise<void> {
  const say = (line = '') => output.write(`${printable(line)}\n`)
  const world = readWorld()
  const nameOf = (organization: string) => world.organisation(organization)?.name ?? organization
  const sender = organizationClient(addresses, SENDER)

  await setUpResource(sender, RESOURCE, nameOf(SENDER))
  say(`${nameOf(SENDER)} sends ${basename(file)} to ${RECIPIENTS.map(nameOf).join(' and ')}`)
  const sent = await send(sender, file, output)
  const { fileTransferId: id } = sent
  say(`  published as file transfer ${id}`)

  for (const recipient of RECIPIENTS) {
    await receive(organizationClient(addresses, recipient), nameOf(recipient), sent, output)
    say(`  same size, MD5 and name; confirmed by ${nameOf(recipient)}`)
  }
  await until('The last confirmation to close the transfer', async () => {
    const { fileTransferStatus: status } = await sender.getFileTransfer(id)
    return status === 'AllConfirmedDownloaded' || status
  })
  const expected = expectedEvents(SENDER, RECIPIENTS)
  await until('All events to arrive', async () => {
    const missing = missingEvents(expected, await receivedEvents(addresses.altinn, id))
    return missing.length === 0 || `missing: ${missing.join(', ')}`
  })

  say()
  say('What happened (UTC): ● file transfer, ○ recipient, ✉ event')
  say()
  const events = await receivedEvents(addresses.altinn, id)
  for (const line of timeline(await sender.getFileTransferDetails(id), events, nameOf)) say(line)
  say()
  say(`All ${expected.length} events have arrived; MD5 ${sent.md5}, ${sent.sizeBytes} bytes.`)
}

async function send(broker: BrokerClient, file: string, output: Output): Promise<Sent> {
  const shown = meter('  upload', output)
  const sending = {
    resourceId: RESOURCE,
    sender: SENDER,
    recipients: RECIPIENTS,
    sendersFileTransferReference: 'demo',
  }
  const onProgress = (progress: { sentBytes: number; totalBytes: number }) =>
    shown.show(progress.sentBytes, progress.totalBytes)
  const signal = AbortSignal.timeout(WAIT_MS + Math.ceil((await stat(file)).size / SLOWEST_BYTES_PER_MS))
  return broker.send(await fileSource(file), sending, { onProgress, signal }).finally(shown.end)
}

/** Receives the file to nowhere, and compares it with what was sent. */
async function receive(broker: BrokerClient, name: string, sent: Sent, output: Output) {
  const shown = meter(`  download by ${name}`, output)
  const nowhere = { open: async () => undefined, write: async () => {}, close: async () => {} }
  const onProgress = (progress: { receivedBytes: number; totalBytes: number }) =>
    shown.show(progress.receivedBytes, progress.totalBytes)
  const got = await broker.receive(sent.fileTransferId, nowhere, { onProgress }).finally(shown.end)
  for (const what of ['sizeBytes', 'md5', 'fileName'] as const) {
    if (got[what] === sent[what]) continue
    throw new Error(`${name} did not get what was sent: ${what} is ${got[what]} and should be ${sent[what]}`)
  }
  await broker.confirmDownload(sent.fileTransferId)
}

/** Asks until the answer is true. @throws with the last answer when the time is over. */
async function until(what: string, ask: () => Promise<true | string>): Promise<void> {
  let answer: true | string = ''
  const isDone = async () => {
    answer = await ask()
    return answer === true
  }
  if (await pollUntil(isDone, { withinMs: WAIT_MS, everyMs: 100 })) return
  throw new Error(`${what} took more than ${WAIT_MS / 1000} s (${answer})`)
}
