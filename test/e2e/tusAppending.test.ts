import { randomBytes, randomUUID } from 'node:crypto'
import { describe, expect, test, vi } from 'vitest'
import { bytesOf, chunked, KARI, md5, OWNER, POLLING, STRANGER, sharedJourney } from '../support/journey.js'
import { CHUNK, outcomeOf, refused, tusCalls } from '../support/tusCalls.js'

// TUS 1.0.0, as spec 6 applies it to Broker: bytes.

const MIB = 2 ** 20
const journey = await sharedJourney()
const tus = tusCalls(journey, await journey.token(OWNER, 'altinn:broker.write'))

const fileOf = async (id: string) => Buffer.from(await bytesOf(await journey.download(KARI, id)))

/** Where an upload stands, when something of it is there. */
const kept = (path: string) =>
  vi.waitFor(
    async () => Number(/^200 ([1-9]\d*)$/.exec(await outcomeOf(tus.head(path)))?.[1] ?? expect.fail()),
    POLLING,
  )

/** A body of which the second half waits. */
function halting(first: string, second: string) {
  const { promise, resolve: goOn } = Promise.withResolvers<void>()
  async function* chunks() {
    yield Buffer.from(first)
    await promise
    yield Buffer.from(second)
  }
  return { body: ReadableStream.from<Uint8Array>(chunks()), goOn }
}

describe('PATCH', () => {
  test('appends bytes, and with the last the file is there', async () => {
    const { id, path } = await tus.initializeWithUpload(11)

    const first = await tus.patch(path, 0, 'hello ')
    const last = await tus.patch(path, 6, chunked(Buffer.from('world')))

    expect([first.status, first.headers.get('upload-offset'), first.headers.get('tus-resumable')]).toEqual([
      204,
      '6',
      '1.0.0',
    ])
    expect(Date.parse(first.headers.get('upload-expires') ?? '')).toBeGreaterThan(Date.now() + 86_000_000)
    expect([last.status, last.headers.get('upload-offset'), last.headers.get('upload-expires')]).toEqual([
      204,
      '11',
      null,
    ])
    expect(await journey.reached(id, 'Published')).toMatchObject({
      fileTransferSize: 11,
      checksum: md5(Buffer.from('hello world')),
    })
    expect((await fileOf(id)).toString()).toBe('hello world')
    await vi.waitFor(async () => {
      expect((await tus.stored(id)).filter((name) => name.includes('/tail') || name.includes('tus-'))).toHaveLength(1)
      expect(await journey.storedBlobs(id)).toHaveLength(1)
    }, POLLING)
  })

  test('repeated at the end says that all is there, but not to others', async () => {
    const { id, path } = await tus.initializeWithUpload(5)
    await tus.patch(path, 0, 'hello')

    expect(await outcomeOf(tus.patch(path, 5, ''))).toBe('204 5')
    expect(await outcomeOf(tus.patch(path, 5, 'x'))).toBe('204 5')
    const authorization = `Bearer ${await journey.token(STRANGER, 'altinn:broker.write')}`
    expect(await outcomeOf(tus.patch(path, 5, '', { authorization }))).toBe('401')
    expect((await fileOf(id)).toString()).toBe('hello')
  })

  test('of no bytes changes nothing', async () => {
    const { path } = await tus.initializeWithUpload(5)

    expect(await outcomeOf(tus.patch(path, 0, ''))).toBe('204 0')
    await tus.patch(path, 0, 'abc')
    expect(await outcomeOf(tus.patch(path, 3, chunked(Buffer.alloc(0))))).toBe('204 3')
    expect(await outcomeOf(tus.head(path))).toBe('200 3')
  })

  test.each<[string, number, Record<string, string>]>([
    ['another place than the upload stands at', 409, { 'upload-offset': '2' }],
    ['a place beyond the end', 409, { 'upload-offset': '999' }],
    ['no place', 400, { 'upload-offset': '' }],
    ['a negative place', 400, { 'upload-offset': '-3' }],
    ['a place that is no number', 400, { 'upload-offset': '3x' }],
    ['another type of content', 415, { 'content-type': 'application/octet-stream' }],
    ['a type of content with more to it', 415, { 'content-type': `${CHUNK}; charset=utf-8` }],
    ['a length once more', 400, { 'upload-length': '11' }],
    ['an unknown checksum', 400, { 'upload-checksum': 'crc32 AAAA' }],
    ['a checksum that is no base64', 400, { 'upload-checksum': 'md5 %%%' }],
    ['no checksum after its name', 400, { 'upload-checksum': 'sha1' }],
    ['a wrong checksum', 460, { 'upload-checksum': 'md5 AAAAAAAAAAAAAAAAAAAAAA==' }],
  ])('with %s is refused with %i, and nothing is counted', async (_, status, headers) => {
    const { path } = await tus.initializeWithUpload(11)
    await tus.patch(path, 0, 'abc')

    const answer = await refused(tus.patch(path, 3, 'defg', headers))

    expect(answer).toEqual({ status, tus: '1.0.0', text: expect.stringMatching(/^[A-Z].*\.$/) })
    expect(await outcomeOf(tus.head(path))).toBe('200 3')
    expect(await outcomeOf(tus.patch(path, 3, 'defghijk'))).toBe('204 11')
  })

  test.each([
    ['with a declared length', (bytes: string) => bytes],
    ['in chunks', (bytes: string) => chunked(Buffer.from(bytes))],
  ])('of more than is left is refused %s, and none of it counts', async (_, bodyOf) => {
    const { path } = await tus.initializeWithUpload(5)
    await tus.patch(path, 0, 'abc')

    expect((await refused(tus.patch(path, 3, bodyOf('defgh')))).status).toBe(413)

    expect(await outcomeOf(tus.head(path))).toBe('200 3')
    expect(await outcomeOf(tus.patch(path, 3, 'de'))).toBe('204 5')
  })

  test('is refused without an upload, to others, and when a plain upload has completed first', async () => {
    const { id, path } = await tus.initializeWithUpload(5)
    const authorization = `Bearer ${await journey.token(STRANGER, 'altinn:broker.write')}`

    expect(await outcomeOf(tus.patch(tus.at(randomUUID()), 0, 'hello'))).toBe('404')
    expect(await outcomeOf(tus.patch(tus.at(await journey.initialize()), 0, 'hello'))).toBe('404')
    expect(await outcomeOf(tus.patch(path, 0, 'hello', { authorization }))).toBe('401')
    expect((await journey.upload(id, 'plain')).status).toBe(200)
    expect(await outcomeOf(tus.patch(path, 0, 'hello'))).toBe('404')
    expect(await outcomeOf(tus.head(path))).toBe('404')
    expect((await fileOf(id)).toString()).toBe('plain')
    await vi.waitFor(async () => expect(await journey.storedBlobs(id)).toHaveLength(1), POLLING)
  })

  test('is locked while another one writes', async () => {
    const { id, path } = await tus.initializeWithUpload(8)
    const { body, goOn } = halting('half', 'full')

    const first = outcomeOf(tus.patch(path, 0, body))
    await expect.poll(() => outcomeOf(tus.patch(path, 4, 'late')), POLLING).toBe('423')
    expect(await outcomeOf(tus.end(path))).toBe('423')
    goOn()

    expect(await first).toBe('204 8')
    expect((await fileOf(id)).toString()).toBe('halffull')
  })

  test('many in parallel have one winner, and the file is never mixed', async () => {
    const { id, path } = await tus.initializeWithUpload(MIB)
    const contents = Array.from({ length: 8 }, (_, index) => Buffer.alloc(MIB, `${index}`))

    const answers = await Promise.all(contents.map((each) => outcomeOf(tus.patch(path, 0, chunked(each)))))

    const winners = contents.filter((_, index) => answers[index] === '204 1048576')
    expect(winners).toHaveLength(1)
    for (const each of answers) expect(['204 1048576', '409', '423']).toContain(each)
    expect((await fileOf(id)).equals(winners[0] ?? Buffer.alloc(0))).toBe(true)
  })

  test('of single bytes makes the same file, in one block', async () => {
    const bytes = randomBytes(120)
    const { id, path } = await tus.initializeWithUpload(bytes.length)

    for (const [at, each] of bytes.entries()) {
      expect(await outcomeOf(tus.patch(path, at, Uint8Array.of(each)))).toBe(`204 ${at + 1}`)
    }

    expect(await journey.reached(id, 'Published')).toMatchObject({ checksum: md5(bytes) })
    expect((await fileOf(id)).equals(bytes)).toBe(true)
    expect(await tus.blocksOf(id)).toBe(1)
    await vi.waitFor(async () => expect(await journey.storedBlobs(id)).toHaveLength(1), POLLING)
  })

  test('that is cut keeps what has come, and the upload continues from there', async () => {
    const bytes = randomBytes(10 * MIB)
    const { id, path } = await tus.initializeWithUpload(bytes.length)

    await tus.cut('PATCH', path, { 'upload-offset': '0' }, bytes.subarray(0, 6 * MIB))
    const offset = await kept(path)

    expect(offset).toBeLessThanOrEqual(6 * MIB)
    await expect
      .poll(() => outcomeOf(tus.patch(path, offset, bytes.subarray(offset))), POLLING)
      .toBe(`204 ${bytes.length}`)
    expect(await journey.reached(id, 'Published')).toMatchObject({ checksum: md5(bytes) })
    expect((await fileOf(id)).equals(bytes)).toBe(true)
  })
})
