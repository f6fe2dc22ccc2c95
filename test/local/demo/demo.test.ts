import { createHash, randomUUID } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { decodeJwt } from 'jose'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { type Altinn, startAltinn } from '../../../local/altinn/simulator.js'
import { runDemo } from '../../../local/demo/runDemo.js'

let altinn: Altinn
let folder: string
beforeAll(async () => {
  altinn = await startAltinn({ port: 0 })
  folder = await mkdtemp(join(tmpdir(), 'demo-test-'))
})
afterAll(async () => {
  await altinn.stop()
  await rm(folder, { recursive: true })
})

type Answer = { status: number; body?: unknown; bytes?: Buffer; headers?: Record<string, string> }
type Bytes = (bytes: Buffer) => Buffer
/** What the app does differently from a good one. */
type Flaws = { stored?: Bytes; given?: Bytes; named?: string; failed?: boolean; refusal?: Answer }

const names = ['initialized', 'uploadstarted', 'uploadprocessing', 'published', 'allconfirmeddownloaded']
const statuses = ['Initialized', 'UploadStarted', 'UploadProcessing', 'Published', 'AllConfirmedDownloaded', 'Failed']

/** As much of Broker as the demo needs, for one transfer at a time. */
async function fakeApp({ stored = (bytes) => bytes, given = (bytes) => bytes, named, failed, refusal }: Flaws = {}) {
  const id = randomUUID()
  const history: { fileTransferStatus: string; fileTransferStatusChanged: string }[] = []
  const recipientHistory: object[] = []
  const requests: { path: string; headers: IncomingMessage['headers'] }[] = []
  let fileName = ''
  let file: Buffer = Buffer.alloc(0)
  let confirmed = 0
  const now = () => new Date().toISOString().replace('Z', '+00:00')
  const token = await (await fetch(`${altinn.url}/token?org=991825827&scope=altinn:events.publish`)).text()

  const publish = async (type: string, organization: string, role: string) => {
    const response = await fetch(`${altinn.url}/events/api/v1/events`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/cloudevents+json' },
      body: JSON.stringify({
        specversion: '1.0',
        id: randomUUID(),
        type: `no.altinn.broker.${type}`,
        time: now(),
        resource: 'urn:altinn:resource:altinn-broker-test-resource-1',
        resourceinstance: id,
        subject: `urn:altinn:organization:identifier-no:${organization}`,
        source: 'http://127.0.0.1/broker/api/v1/filetransfer',
        data: { Role: role },
      }),
    })
    expect(response.status).toBe(200)
  }
  const enter = async (status: number) => {
    const fileTransferStatus = statuses[status] ?? ''
    history.push({ fileTransferStatus, fileTransferStatusChanged: now() })
    const name = status === 0 ? 'filetransferinitialized' : names[status]
    if (name && status !== 1) await publish(name, '991825827', 'Sender')
  }
  const view = () => ({
    fileTransferId: id,
    fileName: named ?? fileName,
    recipients: [],
    fileTransferStatus: history.at(-1)?.fileTransferStatus,
    fileTransferStatusText: 'as the fake says',
    fileTransferSize: file.length,
    checksum: createHash('md5').update(file).digest('hex'),
    fileTransferStatusHistory: history,
    recipientFileTransferStatusHistory: recipientHistory,
  })

  const routes: Record<string, (request: IncomingMessage, caller: string) => Promise<Answer> | Answer> = {
    'POST serviceowner': () => ({ status: 409 }),
    'PUT resource/altinn-broker-test-resource-1': () => ({ status: 204 }),
    'POST filetransfer': async (request) => {
      if (refusal) return refusal
      fileName = JSON.parse((await buffer(request)).toString()).fileName
      await enter(0)
      return { status: 200, body: { fileTransferId: id } }
    },
    [`POST filetransfer/${id}/upload`]: async (request) => {
      await enter(1)
      file = stored(await buffer(request))
      await enter(2)
      await enter(failed ? 5 : 3)
      for (const recipient of ['986252932', '910753614']) await publish('published', recipient, 'Recipient')
      return { status: 200, body: { fileTransferId: id } }
    },
    [`GET filetransfer/${id}`]: () => ({ status: 200, body: view() }),
    [`GET filetransfer/${id}/details`]: () => ({ status: 200, body: view() }),
    [`GET filetransfer/${id}/download`]: () => ({ status: 200, bytes: given(file) }),
    [`POST filetransfer/${id}/confirmdownload`]: async (_, caller) => {
      recipientHistory.push({
        recipient: `0192:${caller}`,
        recipientFileTransferStatusCode: 'DownloadConfirmed',
        recipientFileTransferStatusChanged: now(),
      })
      await publish('downloadconfirmed', caller, 'Recipient')
      await publish('downloadconfirmed', '991825827', 'Sender')
      confirmed += 1
      if (confirmed === 2) await enter(4)
      return { status: 204 }
    },
  }

  const server = createServer(async (request, response) => {
    const path = `${request.method} ${request.url?.replace('/broker/api/v1/', '')}`
    requests.push({ path, headers: request.headers })
    const caller = decodeJwt(request.headers.authorization?.slice('Bearer '.length) ?? '')['urn:altinn:orgNumber']
    const { status, body, bytes, headers } = (await routes[path]?.(request, String(caller))) ?? { status: 404 }
    request.resume()
    response.writeHead(status, headers).end(bytes ?? (body === undefined ? '' : JSON.stringify(body)))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { app: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, id, requests }
}

async function story(content: Buffer | string, flaws: Flaws = {}, name = 'hello.txt') {
  const file = join(folder, name)
  await writeFile(file, content)
  const fake = await fakeApp(flaws)
  let printed = ''
  const output = {
    write: (text: string) => {
      printed += text
    },
  }
  await runDemo({ app: fake.app, altinn: altinn.url }, file, output)
  return { printed, ...fake }
}

describe('the demo', () => {
  test.each([
    ['a small text', 'hello\n'.repeat(170), 'hello.txt'],
    ['an empty file', '', 'empty.txt'],
    ['a file with a Norwegian name', 'søknad', 'søknad æøå.pdf'],
    ['a file of many chunks', Buffer.alloc(3_000_001, 7), 'large.bin'],
  ])('prints each step of %s', async (_, content, name) => {
    const { printed, id } = await story(content, {}, name)

    expect(printed).toContain(id)
    const lines = printed.split('\n')
    const marked = (mark: string) =>
      lines.flatMap((line) => line.split(/^ {2}[\d:.]{12} {2}/)[1]?.split(`${mark} `)[1] ?? [])
    expect(marked('●')).toEqual(statuses.slice(0, 5))
    expect(marked('○')).toHaveLength(2)
    expect(marked('✉')).toHaveLength(10)
    expect(printed).toContain('✉ downloadconfirmed        Fjord Regnskap AS (Recipient)')
    expect(printed).toContain(`MD5 ${createHash('md5').update(content).digest('hex')}`)
  })

  test('stops when other bytes were stored than sent', async () => {
    const flawed = story('hello', { stored: (bytes) => Buffer.alloc(bytes.length) })

    await expect(flawed).rejects.toThrow('Broker has got other bytes than hello.txt')
  })

  test('stops when the recipient gets other bytes', async () => {
    const flawed = story('hello', { given: (bytes) => Buffer.alloc(bytes.length) })

    await expect(flawed).rejects.toThrow(
      'hello.txt should be 5 bytes, MD5 5d41402abc4b2a76b9719d911017c592; it is 5 bytes',
    )
  })

  test('stops when the recipient gets another name', async () => {
    await expect(story('hello', { named: 'other.txt' })).rejects.toThrow(
      /fileName is other.txt and should be hello.txt/,
    )
  })

  test('stops when the transfer fails', async () => {
    await expect(story('virus', { failed: true })).rejects.toThrow(/The file transfer .+ is Failed: as the fake says/)
  })

  test('prints the code and the detail of a refusal', async () => {
    const refusal = { status: 401, body: { code: 'BRO-00006', detail: 'No access', title: 'Unauthorized' } }

    await expect(story('hello', { refusal })).rejects.toThrow('401 BRO-00006 No access')
  })

  test('prints which field is wrong', async () => {
    const refusal = { status: 400, body: { title: 'Invalid', errors: { FileName: ['too long'] } } }

    await expect(story('hello', { refusal })).rejects.toThrow('400 Invalid FileName: too long')
  })
})
