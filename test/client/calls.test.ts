import { randomUUID } from 'node:crypto'
import { describe, expect, test, vi } from 'vitest'
import { BrokerProblem, brokerClient, cachedToken, claimsOf, staticToken } from '../../clients/typescript/src/index.js'
import { altinnTokenFor, maskinportenToken } from '../../clients/typescript/src/maskinporten.js'
import { clientOf, sending as usual } from '../support/clientOf.js'
import { KARI, OLA, OWNER, POLLING, STRANGER, sharedJourney } from '../support/journey.js'
import { startProxy } from '../support/proxy.js'

const journey = await sharedJourney()
const sending = { ...usual, resourceId: journey.resourceId }

const hello = () => new Blob(['Hei!'])

describe('a refused call', () => {
  test('gives the problem with status, code, detail and trace id', async () => {
    const asked = clientOf(journey).getFileTransfer(randomUUID())

    const problem = await asked.catch((error: unknown) => error)
    expect(problem).toBeInstanceOf(BrokerProblem)
    expect(problem).toMatchObject({ status: 404, code: 'BRO-00001', detail: expect.any(String) })
    expect(problem).toMatchObject({
      traceId: expect.stringMatching(/^00-/),
      message: expect.stringMatching(/^404 BRO-/),
    })
  })

  test('gives the errors by field', async () => {
    const asked = clientOf(journey).send(hello(), { ...sending, recipients: ['1'] })

    await expect(asked).rejects.toMatchObject({ status: 400, errors: { Recipients: [expect.any(String)] } })
  })

  test('gives a body that is no problem document, too', async () => {
    const answer = new Response('<h1>Away</h1>', { status: 404 })
    const client = brokerClient({ baseUrl: 'http://broker', token: staticToken('t'), fetch: async () => answer })

    await expect(client.getServiceOwner()).rejects.toMatchObject({
      status: 404,
      detail: '<h1>Away</h1>',
      code: undefined,
    })
  })
})

describe('the calls one by one', () => {
  test('announce a file once, though the answer is lost', async () => {
    let losses = 0
    const losesAnswerTo = ({ method }: { method?: string | undefined }) => method === 'POST' && losses++ === 0
    await using proxy = await startProxy(journey.stack.ports.app, { losesAnswerTo })
    const announced = {
      ...sending,
      sendersFileTransferReference: 'lost',
      sender: `0192:${OWNER}`,
      recipients: [`0192:${KARI}`],
    }

    const id = await clientOf(journey, OWNER, proxy.port).initializeFileTransfer(announced)

    const client = clientOf(journey)
    const found = await Array.fromAsync(client.searchFileTransfers({ resourceId: journey.resourceId, role: 'Sender' }))
    const all = await Promise.all(found.map((each) => client.getFileTransfer(each)))
    expect(losses).toBeGreaterThan(1)
    expect(
      all.filter((each) => each.sendersFileTransferReference === 'lost').map((each) => each.fileTransferId),
    ).toEqual([id])
  })

  test('cancel, read the details and the events', async () => {
    const client = clientOf(journey)
    const id = await journey.initialize()

    await client.cancelFileTransfer(id)

    const details = await client.getFileTransferDetails(id)
    expect(details.fileTransferStatusHistory.map((each) => each.fileTransferStatus)).toEqual([
      'Initialized',
      'Cancelled',
    ])
    expect((await client.getFileTransferEvents(id)).fileTransferId).toBe(id)
  })

  test('change the expiry of a published file, and withdraw it', async () => {
    const client = clientOf(journey)
    const id = await journey.sent('a file', 'Published', { disableVirusScan: true })
    const until = new Date(Date.now() + 3_600_000)

    const changed = await client.changeExpiry(id, until)
    const tooLate = await client.changeExpiry(id, '9999-12-31').catch((error: unknown) => error)
    await client.cancelFileTransfer(id, { reason: 'The wrong file' })

    expect(Date.parse(changed.expirationTime)).toBe(until.getTime())
    expect(tooLate).toMatchObject({ code: 'BRO-08042', latestExpirationTime: expect.any(String) })
    expect(await client.getFileTransfer(id)).toMatchObject({
      fileTransferStatus: 'Cancelled',
      fileTransferStatusText: 'The wrong file',
    })
  })

  test('configure a resource and read its configuration', async () => {
    const client = clientOf(journey)

    await client.configureResource('new-of-the-client', { maxFileTransferSize: 1234, fileTransferTimeToLive: 'P5D' })

    expect(await client.getResource('new-of-the-client')).toMatchObject({
      maxFileTransferSize: 1234,
      fileTransferTimeToLive: '5.00:00:00',
    })
    expect((await client.getServiceOwner()).name).toBe('Digdir')
    await expect(client.registerServiceOwner('Digdir')).rejects.toMatchObject({ status: 409 })
  })

  test('give links, and download what was put there', async () => {
    const client = clientOf(journey)
    const id = await journey.initialize()
    const { url, headers } = await client.createUploadLink(id)
    await fetch(url, { method: 'PUT', body: 'by link', headers })
    await client.completeLinkedUpload(id)
    await journey.reached(id, 'Published')

    const response = await clientOf(journey, KARI).downloadFile(id, { range: 'bytes=3-' })

    expect([response.status, await response.text()]).toEqual([206, 'link'])
  })

  test('find all, over as many pages as it takes', async () => {
    const asked: string[] = []
    const pages = [
      { ids: ['a', 'b'], link: '<https://elsewhere.example/x?resourceId=r&continuation=2>; rel="next"' },
      { ids: ['c'], link: null },
    ]
    const answer: typeof fetch = async (url) => {
      asked.push(String(url))
      const { ids = [], link = null } = pages[asked.length - 1] ?? {}
      return new Response(JSON.stringify(ids), { headers: link === null ? {} : { link } })
    }
    const client = brokerClient({ baseUrl: 'http://broker/', token: staticToken('t'), fetch: answer })

    expect(await Array.fromAsync(client.searchFileTransfers({ resourceId: 'r' }))).toEqual(['a', 'b', 'c'])
    expect(asked).toEqual([
      'http://broker/broker/api/v1/filetransfer?resourceId=r',
      'http://broker/broker/api/v1/filetransfer?resourceId=r&continuation=2',
    ])
  })
})

describe('a page that breaks off', () => {
  const broken = () =>
    new Response(
      new ReadableStream({
        pull: (controller) => controller.error(new TypeError('terminated')),
      }),
    )
  const clientThatGets = (...answers: Response[]) =>
    brokerClient({
      baseUrl: 'http://broker',
      token: staticToken('t'),
      patience: { firstMs: 1 },
      fetch: async () => answers.shift() ?? Response.json([]),
    })

  test('is asked for again', async () => {
    const found = clientThatGets(broken(), Response.json(['a'])).searchFileTransfers({ resourceId: 'r' })
    const list = clientThatGets(broken(), Response.json({ fileTransfers: [] }))

    expect(await Array.fromAsync(found)).toEqual(['a'])
    expect(await list.listFileTransfers({ resourceId: 'r', role: 'Sender' })).toEqual({
      fileTransfers: [],
      continuation: undefined,
    })
  })
})

describe('watching a file transfer', () => {
  test('yields each change until the last recipient has confirmed', async () => {
    const { fileTransferId: id } = await clientOf(journey).send(hello(), sending)
    const seen: string[] = []
    const watching = (async () => {
      for await (const now of clientOf(journey).watch(id, { firstMs: 20 })) {
        const codes = now.recipients.map((each) => each.currentRecipientFileTransferStatusCode)
        seen.push([now.fileTransferStatus, ...codes].join(' '))
      }
    })()
    await vi.waitFor(() => expect(seen).toEqual(['Published Initialized Initialized']), POLLING)

    for (const recipient of [KARI, OLA]) {
      const client = clientOf(journey, recipient)
      await (await client.downloadFile(id)).arrayBuffer()
      await client.confirmDownload(id)
    }
    await watching

    expect(seen.at(-1)).toBe('AllConfirmedDownloaded DownloadConfirmed DownloadConfirmed')
  })

  test('ends when it is aborted', async () => {
    const id = await journey.initialize()
    const stop = new AbortController()
    const watching = (async () => {
      for await (const _ of clientOf(journey).watch(id, { signal: stop.signal })) stop.abort()
    })()

    await expect(watching).rejects.toMatchObject({ name: 'AbortError' })
  })
})

describe('a token', () => {
  const maskinporten = (more: object = {}) => {
    const {
      MASKINPORTEN_METADATA_URL = '',
      MASKINPORTEN_CLIENT_ID = '',
      MASKINPORTEN_JWK = '',
    } = journey.stack.settings
    return {
      metadataUrl: MASKINPORTEN_METADATA_URL,
      clientId: MASKINPORTEN_CLIENT_ID,
      jwk: JSON.parse(Buffer.from(MASKINPORTEN_JWK, 'base64').toString()),
      scope: 'altinn:broker.write altinn:broker.read',
      ...more,
    }
  }
  const as = (token: Parameters<typeof brokerClient>[0]['token']) =>
    brokerClient({ baseUrl: journey.stack.urls.app, token })

  test.each([
    ['Maskinporten', () => maskinportenToken(maskinporten())],
    ["Altinn's exchange", () => altinnTokenFor(maskinporten(), journey.stack.urls.altinn)],
  ])('of %s is fetched by a signed assertion, and kept', async (_, provider) => {
    const token = provider()

    const sent = await as(token).send(hello(), sending)

    expect(sent.status).toBe('Published')
    expect(await token()).toBe(await token())
  })

  test('of a system user acts for its organisation', async () => {
    const { fileTransferId: id } = await clientOf(journey).send(hello(), sending)
    const token = altinnTokenFor(maskinporten({ systemUser: { organization: KARI } }), journey.stack.urls.altinn)

    await (await as(token).downloadFile(id)).arrayBuffer()

    const { recipients } = await clientOf(journey).getFileTransfer(id)
    expect(recipients).toContainEqual(
      expect.objectContaining({
        recipient: `0192:${KARI}`,
        currentRecipientFileTransferStatusCode: 'DownloadStarted',
      }),
    )
  })

  test('of a system user is refused for an organisation that has given none', async () => {
    const token = maskinportenToken(maskinporten({ systemUser: { organization: STRANGER } }))

    await expect(token()).rejects.toMatchObject({
      name: 'TokenRefused',
      message: expect.stringContaining('system user'),
    })
  })

  test('that is refused is renewed once', async () => {
    const tokens = ['refused', await journey.token(OWNER, 'altinn:broker.write')]
    const asked: boolean[] = []
    const client = as(({ renew = false } = {}) => {
      asked.push(renew)
      return tokens[renew ? 1 : 0] ?? ''
    })

    await client.getFileTransfer(await journey.initialize())

    expect(asked).toEqual([false, true])
  })

  test('is fetched once for concurrent calls, and again shortly before it expires', async () => {
    let now = 0
    let fetched = 0
    const lasting100s = async () =>
      `${fetched++}.${Buffer.from(JSON.stringify({ exp: now / 1000 + 100 })).toString('base64url')}.`
    const token = cachedToken(lasting100s, () => now)

    const first = await Promise.all([token(), token(), token()])
    now = 79_000
    const kept = await token()
    now = 81_000
    const renewed = await token()

    expect(new Set([...first, kept]).size).toBe(1)
    expect([fetched, renewed === kept]).toEqual([2, false])
    expect(claimsOf(renewed)).toEqual({ exp: 181 })
  })
})
