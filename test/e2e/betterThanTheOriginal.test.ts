import { randomUUID } from 'node:crypto'
import { describe, expect, test, vi } from 'vitest'
import {
  bytesOf,
  chunked,
  expectOk,
  KARI,
  md5,
  OLA,
  OWNER,
  POLLING,
  refusalOf,
  STRANGER,
  sharedJourney,
} from '../support/journey.js'

// Improvements over the original. The numbers are those of spec 14.

const journey = await sharedJourney()

const WRITE = 'altinn:broker.write'
const READ = 'altinn:broker.read'
const SERVICE_OWNER = 'altinn:serviceowner'
const URN = 'urn:altinn:organization:identifier-no:'

const post = (request: object) => journey.as(OWNER, WRITE, 'filetransfer', { method: 'POST', ...journey.json(request) })
const search = async (org: string, query: Record<string, string>) =>
  (await expectOk(journey.as(org, READ, `filetransfer?${new URLSearchParams(query)}`))).json()
const put = (settings: object) =>
  refusalOf(
    journey.as(OWNER, SERVICE_OWNER, `resource/${journey.resourceId}`, { method: 'PUT', ...journey.json(settings) }),
  )

describe('the identifiers', () => {
  test('(1) a sender that was written as a URN finds its transfer', async () => {
    await journey.configure('new-urn-sender', {})

    const id = await journey.initialize({ resourceId: 'new-urn-sender', sender: URN + OWNER, recipients: [URN + KARI] })

    expect(await search(OWNER, { resourceId: 'new-urn-sender', role: 'Sender' })).toEqual([id])
    expect(await journey.details(id)).toMatchObject({ sender: `0192:${OWNER}` })
  })

  test('(3) a resource may be written as a URN everywhere', async () => {
    const urn = 'urn:altinn:resource:new-by-urn'
    await journey.configure(urn, { maxFileTransferSize: 7 })

    const id = await journey.initialize({ resourceId: urn })

    expect(await search(OWNER, { resourceId: urn })).toEqual([id])
    const resource = await journey.as(OWNER, SERVICE_OWNER, 'resource/new-by-urn')
    expect(await resource.json()).toMatchObject({ maxFileTransferSize: 7 })
  })

  test('(10) a reference of 4096 characters is kept', async () => {
    const sendersFileTransferReference = 'r'.repeat(4096)

    expect(await journey.details(await journey.initialize({ sendersFileTransferReference }))).toMatchObject({
      sendersFileTransferReference,
    })
  })

  test('(11) recipients that are empty or null, and properties that are null, are refused; one named twice is one', async () => {
    const recipientsOf = (details: Record<string, unknown>) => (details.recipients as unknown[]).length
    const twice = await journey.initialize({ recipients: [`0192:${KARI}`, URN + KARI, `9999:${KARI}`] })

    for (const wrong of [{ recipients: [''] }, { recipients: [null] }, { propertyList: { a: null } }]) {
      expect((await post(journey.request(wrong))).status).toBe(400)
    }
    expect(recipientsOf(await journey.details(twice))).toBe(1)
  })
})

describe('an upload', () => {
  test('(7) with another checksum than promised notifies the sender', async () => {
    const id = await journey.initialize({ checksum: md5(Buffer.from('promised')) })

    await journey.upload(id, 'sent')

    await vi.waitFor(
      async () => expect(await journey.events(id)).toContain(`uploadfailed > ${OWNER} as Sender`),
      POLLING,
    )
  })

  test('(8) that comes second does not touch the file of the first', async () => {
    const id = await journey.initialize({ disableVirusScan: true })
    const files = ['one', 'two', 'three', 'four'].map((text) => Buffer.from(text.repeat(100_000)))

    const statuses = await Promise.all(files.map(async (file) => (await journey.upload(id, chunked(file))).status))
    await journey.reached(id, 'Published')

    expect(statuses.toSorted()).toEqual([200, 409, 409, 409])
    const winner = files[statuses.indexOf(200)] ?? Buffer.alloc(0)
    expect(md5(await bytesOf(await journey.download(KARI, id)))).toBe(md5(winner))
    await vi.waitFor(async () => expect(await journey.storedBlobs(id)).toHaveLength(1), POLLING)
  })

  test('(9) that grows too large without a declared length is stopped, and may be tried again', async () => {
    await journey.configure('new-tiny', { maxFileTransferSize: 10 })
    const id = await journey.initialize({ resourceId: 'new-tiny' })

    expect(await refusalOf(journey.upload(id, chunked(Buffer.alloc(11))))).toBe('400 BRO-00016')
    expect((await journey.upload(id, chunked(Buffer.alloc(10)))).status).toBe(200)
  })
})

describe('a download', () => {
  test('(12) is confirmed by recipients alone, and as often as they like', async () => {
    const id = await journey.sent('file', 'Published', { recipients: [`0192:${KARI}`] })
    await bytesOf(await journey.download(KARI, id))

    expect(await refusalOf(journey.confirm(STRANGER, id))).toBe('401 BRO-00006')
    for (let i = 0; i < 3; i++) expect((await journey.confirm(KARI, id)).status).toBe(204)
  })

  test('(13) of a range past the end returns the size of the file; by another organisation it adds no recipient', async () => {
    const id = await journey.sent('0123456789')

    const outside = await journey.download(KARI, id, { range: 'bytes=99-' })
    const stranger = await journey.download(STRANGER, id)

    expect([outside.status, outside.headers.get('content-range'), stranger.status]).toEqual([416, 'bytes */10', 401])
    expect((await journey.details(id)).recipients).toHaveLength(2)
  })

  test('that two recipients confirm last at the same moment closes the transfer once', async () => {
    const ids = await Promise.all(
      Array.from({ length: 5 }, () => journey.sent('file', 'Published', { disableVirusScan: true })),
    )
    for (const id of ids) for (const org of [KARI, OLA]) await bytesOf(await journey.download(org, id))

    await Promise.all(ids.flatMap((id) => [KARI, OLA].map((org) => expectOk(journey.confirm(org, id)))))

    for (const id of ids) {
      const { fileTransferStatusHistory } = await journey.reached(id, 'AllConfirmedDownloaded')
      const closed = fileTransferStatusHistory.filter(
        ({ fileTransferStatus }) => fileTransferStatus === 'AllConfirmedDownloaded',
      )
      expect(closed).toHaveLength(1)
    }
  })
})

describe('the rest', () => {
  test('(24) durations that are negative, and a life of no time, are refused', async () => {
    expect(await put({ fileTransferTimeToLive: '-P1D' })).toBe('400 BRO-00014')
    expect(await put({ fileTransferTimeToLive: 'PT0S' })).toBe('400 BRO-00014')
    expect(await put({ purgeFileTransferGracePeriod: '-PT1H' })).toBe('400 BRO-00017')
  })

  test('(25) what GET resource returns can be PUT again', async () => {
    await journey.configure('new-round-trip', { fileTransferTimeToLive: 'P30D', purgeFileTransferGracePeriod: 'PT2H' })
    const read = async () =>
      (await journey.as(OWNER, SERVICE_OWNER, 'resource/new-round-trip')).json() as Promise<object>
    const returned = await read()

    await journey.configure('new-round-trip', returned as Record<string, unknown>)

    expect(returned).toMatchObject({ fileTransferTimeToLive: '30.00:00:00', purgeFileTransferGracePeriod: '02:00:00' })
    expect(await read()).toEqual(returned)
  })

  test('(36) a problem has its trace id once', async () => {
    const response = await journey.as(OWNER, WRITE, `filetransfer/${randomUUID()}`)
    const text = await response.text()

    expect(text.match(/"traceId"/g)).toHaveLength(1)
    expect((await journey.call('filetransfer')).headers.get('www-authenticate')).toBe('Bearer')
  })
})
