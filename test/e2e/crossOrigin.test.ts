import { createHash, randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { blobSink, brokerClient } from '../../clients/typescript/src/index.js'
import { routes } from '../../src/http/contract/contract.js'
import { browserFetch } from '../support/browserFetch.js'
import { sending as usual } from '../support/clientOf.js'
import { KARI, OWNER, sharedJourney } from '../support/journey.js'

const PAGE = 'https://app.example'
const OTHERS = ['https://evil.example', 'http://app.example', `${PAGE}.evil.example`, 'null']
const KEY = 'the-key-of-a-page'

const settings = {
  CORS_ORIGINS: `https://another.example ${PAGE}`,
  SUBSCRIPTION_KEYS: createHash('sha256').update(KEY).digest('hex'),
  RATE_LIMITS: 'getMonthlyStatistics=1',
}
const journey = await sharedJourney(settings, { headers: { 'ocp-apim-subscription-key': KEY } })
const sending = { ...usual, resourceId: journey.resourceId }

const rows = routes.filter(({ method }) => method !== 'OPTIONS')
const operations = rows.map(({ method, path }) => [method, path] as const)

/** A call without a token and a key, as a browser asks beforehand. */
const bare = (path: string, method: string, headers: Record<string, string>) => {
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name) => (name === 'resourceId' ? journey.resourceId : randomUUID()))
  return fetch(`${journey.stack.urls.app}/${filled}`, { method, headers })
}
const namesIn = ({ headers }: Response, header: string) => headers.get(header)?.toLowerCase().split(', ')
const corsHeadersOf = ({ headers }: Response) =>
  [...headers.keys()].filter((name) => name.startsWith('access-control-'))

describe('a page of a known origin', () => {
  test.each(operations)('may call %s %s, and read why it is refused', async (method, path) => {
    const asked = await bare(path, 'OPTIONS', { origin: PAGE, 'access-control-request-method': method })
    const answer = await bare(path, method, { origin: PAGE })

    expect([asked.status, asked.headers.get('access-control-allow-origin')]).toEqual([204, PAGE])
    expect(namesIn(asked, 'access-control-allow-methods')).toContain(method.toLowerCase())
    expect(namesIn(asked, 'access-control-allow-headers')).toEqual(
      expect.arrayContaining(['authorization', 'content-type', 'ocp-apim-subscription-key']),
    )
    for (const { headers } of [asked, answer]) {
      expect([headers.get('access-control-allow-origin'), headers.get('vary')]).toEqual([PAGE, 'Origin'])
      expect(headers.has('access-control-allow-credentials')).toBe(false)
    }
  })

  test('may read that a method is not there, and that its calls are too many', async () => {
    const token = await journey.token(OWNER, 'altinn:serviceowner')
    const statistics = () => journey.call('statistics/monthly', { token, headers: { origin: PAGE } })
    await statistics()

    const answers = [
      await journey.call('filetransfer', { method: 'DELETE', headers: { origin: PAGE } }),
      await statistics(),
    ]

    expect(answers.map(({ status }) => status)).toEqual([405, 429])
    for (const answer of answers) {
      expect(answer.headers.get('access-control-allow-origin')).toBe(PAGE)
      expect(namesIn(answer, 'access-control-expose-headers')).toEqual(expect.arrayContaining(['allow', 'retry-after']))
    }
  })
})

describe('a page of another origin', () => {
  test.each(operations)('gets nothing of %s %s', async (method, path) => {
    for (const origin of OTHERS) {
      const asked = await bare(path, 'OPTIONS', { origin, 'access-control-request-method': method })
      const answer = await bare(path, method, { origin })

      expect([401, 405]).toContain(asked.status)
      expect([asked, answer].flatMap(corsHeadersOf)).toEqual([])
    }
  })
})

describe('the client, in a browser', () => {
  const clientOf = (organization: string, origin = PAGE) => {
    const token = () => journey.token(organization, 'altinn:broker.write altinn:broker.read altinn:serviceowner')
    const baseUrl = journey.stack.urls.app
    return brokerClient({ baseUrl, token, subscriptionKey: KEY, fetch: browserFetch(origin), patience: { tries: 1 } })
  }

  test('sends a file by one request or by TUS, in parts too, and receives it', async () => {
    const [sender, recipient] = [clientOf(OWNER), clientOf(KARI)]
    const ways = [{ oneShotBytes: 100 }, { oneShotBytes: 0 }, { oneShotBytes: 0, chunkBytes: 4, parallel: 2 }]
    for (const way of ways) {
      const { fileTransferId } = await sender.send(new Blob(['Hei på deg!']), sending, { ...way, md5: 'off' })
      await journey.reached(fileTransferId, 'Published')
      const sink = blobSink()
      await recipient.receive(fileTransferId, sink, { confirm: true })

      expect(await sink.blob().text()).toBe('Hei på deg!')
    }
  })

  test('reads which part of a file it got, and what the file is called', async () => {
    const id = await journey.sent('Hei på deg!')

    const { status, headers } = await clientOf(KARI).downloadFile(id, { range: 'bytes=4-6' })

    expect([status, headers.get('content-range'), headers.get('accept-ranges')]).toEqual([206, 'bytes 4-6/12', 'bytes'])
    expect(headers.get('content-disposition')).toContain('filename')
  })

  test('makes the other calls', async () => {
    const client = clientOf(OWNER)
    const id = await client.initializeFileTransfer(journey.request())

    expect(await client.createUploadLink(id)).toHaveProperty('url')
    await client.cancelFileTransfer(id)
    expect(await client.getFileTransferDetails(id)).toMatchObject({ fileTransferStatus: 'Cancelled' })
    expect(await Array.fromAsync(client.searchFileTransfers({ resourceId: journey.resourceId }))).toContain(id)
    await client.configureResource('new-from-a-page', { maxFileTransferSize: 10 })
    expect(await client.getResource('new-from-a-page')).toMatchObject({ maxFileTransferSize: 10 })
    expect(await client.getServiceOwner()).toHaveProperty('name')
  })

  test('returns the problem', async () => {
    const asked = clientOf(OWNER).getFileTransfer(randomUUID())

    await expect(asked).rejects.toMatchObject({ status: 404, code: 'BRO-00001' })
  })

  test('comes to nothing on a page of another origin', async () => {
    const asked = clientOf(OWNER, 'https://evil.example').getServiceOwner()

    await expect(asked).rejects.toMatchObject({ cause: { name: 'TypeError' } })
  })
})
