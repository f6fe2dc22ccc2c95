import { randomUUID } from 'node:crypto'
import { describe, expect, test, vi } from 'vitest'
import { KARI, OWNER, POLLING, STRANGER, sharedJourney } from '../support/journey.js'
import { CHUNK, outcomeOf, refused, tusCalls } from '../support/tusCalls.js'

// TUS 1.0.0, as spec 6 applies it to Broker: uploads that are created, looked at and ended.

const journey = await sharedJourney()
const tus = tusCalls(journey, await journey.token(OWNER, 'altinn:broker.write'))

const tokenOf = async (organization: string, scope = 'altinn:broker.write') => ({
  authorization: `Bearer ${await journey.token(organization, scope)}`,
})
const PART = '0123456789abcdef'.repeat(2)

describe('POST', () => {
  test('creates an upload, and the transfer is UploadStarted', async () => {
    const id = await journey.initialize()

    const response = await tus.create(id, 11)

    const { status, headers } = response
    expect([status, await response.text(), headers.get('tus-resumable')]).toEqual([201, '', '1.0.0'])
    expect(headers.get('location')).toBe(`/broker/api/v1/filetransfer/upload/tus/${id}`)
    const expires = Date.parse(headers.get('upload-expires') ?? '')
    expect(Math.abs(expires - Date.now() - 86_400_000)).toBeLessThan(60_000)
    expect((await journey.details(id)).fileTransferStatus).toBe('UploadStarted')
  })

  test.each<[string, Record<string, string>]>([
    ['no length', {}],
    ['a length that is no number', { 'upload-length': 'many' }],
    ['a length that is no whole number', { 'upload-length': '1.5' }],
    ['a negative length', { 'upload-length': '-1' }],
    ['a length beyond all numbers', { 'upload-length': '9'.repeat(30) }],
    ['a length that comes later', { 'upload-length': '5', 'upload-defer-length': '1' }],
    ['only a length that comes later', { 'upload-defer-length': '1' }],
    ['metadata that is no base64', { 'upload-length': '5', 'upload-metadata': 'filename %%%' }],
    ['metadata with a key twice', { 'upload-length': '5', 'upload-metadata': 'a YQ==,a Yg==' }],
    ['metadata without a key', { 'upload-length': '5', 'upload-metadata': 'a YQ==,' }],
    ['an unknown kind of concatenation', { 'upload-length': '5', 'upload-concat': 'some' }],
    ['more than 50 GB, which a scanned file may not have', { 'upload-length': '50000000001' }],
  ])('with %s is refused, and no upload is created', async (_, headers) => {
    const id = await journey.initialize()

    const { status, tus: version, text } = await refused(tus.create(id, undefined, headers))

    expect([status, version]).toEqual([400, '1.0.0'])
    expect(text).toMatch(/^Upload-/)
    expect((await journey.details(id)).fileTransferStatus).toBe('Initialized')
  })

  test('of more than the resource allows is refused', async () => {
    await journey.configure('new-small', { maxFileTransferSize: 10 })
    const id = await journey.initialize({ resourceId: 'new-small' })

    expect([await outcomeOf(tus.create(id, 11)), await outcomeOf(tus.create(id, 10))]).toEqual(['400', '201'])
  })

  test('is refused to callers that may not send, and without a transfer that takes a file', async () => {
    const id = await journey.initialize()
    const done = await journey.sent('done', 'Published', { disableVirusScan: true })

    const answers = {
      unknown: await refused(tus.create(randomUUID(), 5)),
      noGuid: await refused(tus.create('x', 5)),
      stranger: await refused(tus.create(id, 5, await tokenOf(STRANGER))),
      recipient: await refused(tus.create(id, 5, await tokenOf(KARI))),
      done: await refused(tus.create(done, 5)),
      reader: await refused(tus.create(id, 5, await tokenOf(OWNER, 'altinn:broker.read'))),
    }

    expect(Object.values(answers).map(({ status, tus: version }) => [status, version])).toEqual(
      [404, 404, 401, 401, 409, 403].map((status) => [status, null]),
    )
    for (const { text } of Object.values(answers)) expect(text).toMatch(/^[A-Z].*\.$/)
  })

  test('without an id finds nothing', async () => {
    expect(await outcomeOf(tus.send('POST', tus.at('').slice(0, -1), { 'upload-length': '5' }))).toBe('404')
  })

  test('repeated with the same length keeps the bytes, and with another starts anew', async () => {
    const { id, path } = await tus.initializeWithUpload(11)
    await tus.patch(path, 0, 'hello')

    const same = await tus.create(id, 11)
    expect([same.status, same.headers.get('location'), await outcomeOf(tus.head(path))]).toEqual([201, path, '200 5'])

    const other = await tus.create(id, 3)
    expect([other.status, other.headers.get('location'), await outcomeOf(tus.head(path))]).toEqual([201, path, '200 0'])
    expect(await outcomeOf(tus.patch(path, 0, 'new'))).toBe('204 3')
    expect(await (await journey.download(KARI, id)).text()).toBe('new')
    await vi.waitFor(async () => expect(await journey.storedBlobs(id)).toHaveLength(1), POLLING)
  })

  test('of no bytes publishes an empty file', async () => {
    const id = await journey.initialize({ disableVirusScan: true })

    const created = await tus.create(id, 0)

    expect([created.status, created.headers.get('upload-expires')]).toEqual([201, null])
    expect(await journey.reached(id, 'Published')).toMatchObject({ fileTransferSize: 0 })
    expect(await outcomeOf(tus.head(tus.at(id)))).toBe('200 0')
    expect((await journey.download(KARI, id)).status).toBe(200)
  })

  test('can stand for another method', async () => {
    const { path } = await tus.initializeWithUpload(5)
    const instead = (method: string, headers: Record<string, string> = {}, body?: string) =>
      tus.send('POST', path, { 'x-http-method-override': method, ...headers }, body)

    expect(await outcomeOf(instead('PATCH', { 'content-type': CHUNK, 'upload-offset': '0' }, 'abc'))).toBe('204 3')
    expect(await outcomeOf(instead('head'))).toBe('200 3')
    expect(await outcomeOf(instead('GET'))).toBe('405')
    expect(await outcomeOf(instead('DELETE'))).toBe('204')
    expect(await outcomeOf(tus.head(path))).toBe('404')
  })
})

describe('HEAD', () => {
  test('returns the offset of the upload, and is never cached', async () => {
    const id = await journey.initialize()
    const metadata = 'filename c8O4a25hZC5wZGY=,is_confidential'
    await tus.create(id, 11, { 'upload-metadata': metadata })
    await tus.patch(tus.at(id), 0, 'hello')

    const { status, headers } = await tus.head(tus.at(id))

    expect(status).toBe(200)
    expect(Object.fromEntries(headers)).toMatchObject({
      'tus-resumable': '1.0.0',
      'cache-control': 'no-store',
      'upload-expires': expect.stringMatching(/GMT$/),
      'upload-offset': '5',
      'upload-length': '11',
      'upload-metadata': metadata,
    })
    expect(headers.get('upload-concat')).toBeNull()
  })

  test('of a finished upload returns the full length as its offset', async () => {
    const { id, path } = await tus.initializeWithUpload(5)
    await tus.patch(path, 0, 'hello')
    await journey.reached(id, 'Published')

    const { status, headers } = await tus.head(path)

    expect([status, headers.get('upload-offset'), headers.get('upload-length')]).toEqual([200, '5', '5'])
    expect(headers.get('upload-expires')).toBeNull()
  })

  test('finds nothing before the first POST, under unknown ids, and for callers that may not send', async () => {
    const id = await journey.initialize()
    const { path } = await tus.initializeWithUpload(5)

    expect(await outcomeOf(tus.head(tus.at(id)))).toBe('404')
    expect(await outcomeOf(tus.head(tus.at(randomUUID())))).toBe('404')
    expect(await outcomeOf(tus.head(`${path}/partial/${PART}`))).toBe('404')
    expect(await outcomeOf(tus.head(`${path}/partial/x`))).toBe('404')
    expect(await outcomeOf(tus.head(path, await tokenOf(STRANGER)))).toBe('401')
    expect(await outcomeOf(tus.head(path, await tokenOf(KARI)))).toBe('401')
  })
})

describe('DELETE', () => {
  test('ends an upload and leaves nothing behind; another may start', async () => {
    const { id, path } = await tus.initializeWithUpload(5 * 2 ** 20)
    await tus.patch(path, 0, Buffer.alloc(4.5 * 2 ** 20))
    expect((await tus.stored(id)).length).toBeGreaterThan(1)

    const ended = await tus.end(path)

    expect([ended.status, ended.headers.get('tus-resumable')]).toEqual([204, '1.0.0'])
    expect([
      await outcomeOf(tus.head(path)),
      await outcomeOf(tus.patch(path, 0, 'x')),
      await outcomeOf(tus.end(path)),
    ]).toEqual(['404', '404', '404'])
    await vi.waitFor(async () => expect(await tus.stored(id)).toEqual([]), POLLING)
    expect((await journey.details(id)).fileTransferStatus).toBe('UploadStarted')
    expect(await outcomeOf(tus.create(id, 3))).toBe('201')
    expect(await outcomeOf(tus.patch(path, 0, 'new'))).toBe('204 3')
    expect(await (await journey.download(KARI, id)).text()).toBe('new')
  })

  test('is refused to others, and when the file is there', async () => {
    const { id, path } = await tus.initializeWithUpload(5)
    expect(await outcomeOf(tus.end(path, await tokenOf(STRANGER)))).toBe('401')
    await tus.patch(path, 0, 'hello')
    await journey.reached(id, 'Published')

    expect(await outcomeOf(tus.end(path))).toBe('409')
    expect(await (await journey.download(KARI, id)).text()).toBe('hello')
  })
})
