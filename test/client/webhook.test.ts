import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { KARI, OLA, POLLING, sharedJourney } from '../support/journey.js'

const EXAMPLE = join(import.meta.dirname, '../../clients/typescript/examples/webhook.ts')
const PUBLISHED = 'no.altinn.broker.published'

const journey = await sharedJourney()
const folder = await mkdtemp(join(tmpdir(), 'webhook-'))
const toKari = { recipients: [`0192:${KARI}`] }
let receiver: ChildProcess
let url: string
let waited: string
let output = ''

const post = (event: unknown, to = url) =>
  fetch(to, { method: 'POST', body: typeof event === 'string' ? event : JSON.stringify(event) })
const nameOf = (id: string) => `søknad æøå ${id}.pdf`

beforeAll(async () => {
  waited = await journey.sent('sent before', 'Published', toKari)
  const port = await freePort()
  url = `http://127.0.0.1:${port}/`
  const env = {
    ...{ PATH: process.env.PATH, INBOX: folder, PORT: String(port), ORGANIZATION: KARI },
    ...{ BROKER_URL: journey.stack.urls.app, ALTINN_URL: journey.stack.urls.altinn, RESOURCE: journey.resourceId },
  }
  receiver = spawn(process.execPath, [EXAMPLE], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  for (const stream of [receiver.stdout, receiver.stderr])
    stream?.setEncoding('utf8').on('data', (text) => {
      output += text
    })
  await vi.waitFor(() => expect(output).toContain('listens'), POLLING)
})
afterAll(async () => {
  receiver.kill()
  await rm(folder, { recursive: true })
})

describe('the example of a webhook', () => {
  test('receives a file once, however often its event is delivered', async () => {
    const id = await journey.sent('once', 'Published', toKari)
    const event = { type: PUBLISHED, resourceinstance: id, data: { Role: 'Recipient' } }

    const answers = await Promise.all([post(event), post(event), post(event)])
    await journey.reached(id, 'AllConfirmedDownloaded')

    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
    const { recipientFileTransferStatusHistory: history } = await journey.details(id)
    expect(history.filter((each) => each.recipientFileTransferStatusCode === 'DownloadStarted')).toHaveLength(1)
  })

  test('answers the validation of a subscription, then receives and confirms what is published', async () => {
    const asked = {
      endPoint: url,
      resourceFilter: `urn:altinn:resource:${journey.resourceId}`,
      alternativeSubjectFilter: `/organisation/${KARI}`,
      typeFilter: PUBLISHED,
    }
    const subscribed = await fetch(`${journey.stack.urls.altinn}/events/api/v1/subscriptions`, {
      method: 'POST',
      ...journey.json(asked),
    })

    const id = await journey.sent('hello', 'AllConfirmedDownloaded', toKari)

    expect(await subscribed.json()).toMatchObject({ validated: true })
    expect(await readFile(join(folder, nameOf(id)), 'utf8')).toBe('hello')
  })

  test('receives at its start what has been published before', async () => {
    await journey.reached(waited, 'AllConfirmedDownloaded')

    expect(await readFile(join(folder, nameOf(waited)), 'utf8')).toBe('sent before')
  })

  test('takes no harm from what is no event of its files', async () => {
    const notMine = await journey.sent('not mine', 'Published', { recipients: [`0192:${OLA}`] })
    const before = await readdir(folder)

    expect((await post('{')).status).toBe(400)
    expect((await post('null')).status).toBe(400)
    expect((await post({}, `${url}elsewhere`)).status).toBe(404)
    for (const resourceinstance of [notMine, randomUUID(), '../../x'])
      await post({ type: PUBLISHED, resourceinstance, data: { Role: 'Recipient' } })
    await vi.waitFor(() => expect(output.match(/is left until/g)).toHaveLength(3), POLLING)

    expect(await readdir(folder)).toEqual(before)
    expect(receiver.exitCode).toBe(null)
  })
})

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
