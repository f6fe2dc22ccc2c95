import { createHash, randomBytes } from 'node:crypto'
import { describe, expect, test, vi } from 'vitest'
import { bytesOf, chunked, KARI, md5, OWNER, POLLING, sharedJourney } from '../support/journey.js'
import { CHUNK, outcomeOf, tusCalls } from '../support/tusCalls.js'

// TUS 1.0.0, as spec 6 applies it to Broker: bytes that are checked, and bytes that come with the creation.

const MIB = 2 ** 20
const journey = await sharedJourney()
const tus = tusCalls(journey, await journey.token(OWNER, 'altinn:broker.write'))

/** The file as a recipient gets it. One that was joined is read before it is published. */
async function fileOf(id: string) {
  await journey.reached(id, 'Published')
  return Buffer.from(await bytesOf(await journey.download(KARI, id)))
}
const begin = (more: Record<string, unknown> = {}) => journey.initialize({ disableVirusScan: true, ...more })

/** A part that is complete, and its address. */
async function sentPart(id: string, bytes: string | Buffer): Promise<string> {
  const content = Buffer.from(bytes)
  const path = await tus.part(id, content.length)
  expect(await outcomeOf(tus.patch(path, 0, content))).toBe(`204 ${content.length}`)
  return path
}

/** Where an upload stands, when something of it is there. */
const kept = (path: string) =>
  vi.waitFor(
    async () => Number(/^200 ([1-9]\d*)$/.exec(await outcomeOf(tus.head(path)))?.[1] ?? expect.fail()),
    POLLING,
  )

describe('Upload-Checksum', () => {
  test.each(['md5', 'sha1', 'sha256', 'SHA1'])('by %s accepts intact bytes, and refuses damaged ones', async (name) => {
    const { id, path } = await tus.initializeWithUpload(11)
    const right = createHash(name).update('hello ').digest('base64')

    expect(await outcomeOf(tus.patch(path, 0, 'hallo ', { 'upload-checksum': `${name} ${right}` }))).toBe('460')
    expect(await outcomeOf(tus.head(path))).toBe('200 0')
    expect(await outcomeOf(tus.patch(path, 0, 'hello ', { 'upload-checksum': `${name} ${right}` }))).toBe('204 6')
    expect(await outcomeOf(tus.patch(path, 6, 'world'))).toBe('204 11')
    expect((await fileOf(id)).toString()).toBe('hello world')
  })

  test('of bytes that fill several blocks counts all of them or none', async () => {
    const bytes = randomBytes(9 * MIB)
    const { id, path } = await tus.initializeWithUpload(bytes.length)
    const checksum = (of: Uint8Array) => ({
      'upload-checksum': `sha256 ${createHash('sha256').update(of).digest('base64')}`,
    })
    await tus.patch(path, 0, bytes.subarray(0, 5))

    const damaged = Buffer.from(bytes.subarray(5)).fill(0, 100, 200)
    expect(await outcomeOf(tus.patch(path, 5, damaged, checksum(bytes.subarray(5))))).toBe('460')
    expect(await outcomeOf(tus.head(path))).toBe('200 5')
    expect(await outcomeOf(tus.patch(path, 5, bytes.subarray(5), checksum(bytes.subarray(5))))).toBe(
      `204 ${bytes.length}`,
    )

    expect(await journey.reached(id, 'Published')).toMatchObject({ checksum: md5(bytes) })
    expect((await fileOf(id)).equals(bytes)).toBe(true)
  })
})

describe('creation with upload', () => {
  const withBytes = { 'content-type': CHUNK }

  test('takes the first bytes, or all of them', async () => {
    const [first, whole] = [await journey.initialize(), await journey.initialize({ disableVirusScan: true })]

    expect(await outcomeOf(tus.create(first, 11, withBytes, 'hello '))).toBe('201 6')
    expect(await outcomeOf(tus.head(tus.at(first)))).toBe('200 6')
    expect(await outcomeOf(tus.create(whole, 5, withBytes, chunked(Buffer.from('hello'))))).toBe('201 5')
    expect((await fileOf(whole)).toString()).toBe('hello')
  })

  test('repeated, because its answer was lost, does not take the bytes twice', async () => {
    const id = await journey.initialize({ disableVirusScan: true })

    for (const _ of ['sent', 'sent again']) {
      expect(await outcomeOf(tus.create(id, 18, withBytes, 'hello '))).toBe('201 6')
      expect(await outcomeOf(tus.head(tus.at(id)))).toBe('200 6')
    }

    expect(await outcomeOf(tus.patch(tus.at(id), 6, 'there, world'))).toBe('204 18')
    expect((await fileOf(id)).toString()).toBe('hello there, world')
  })

  test('returns the offset of what is stored when its bytes are not taken', async () => {
    const [long, damaged, empty] = [await journey.initialize(), await journey.initialize(), await journey.initialize()]
    const checksum = { 'upload-checksum': 'md5 AAAAAAAAAAAAAAAAAAAAAA==' }

    expect(await outcomeOf(tus.create(long, 3, withBytes, 'hello'))).toBe('201 0')
    expect(await outcomeOf(tus.create(damaged, 9, { ...withBytes, ...checksum }, 'hello'))).toBe('201 0')
    expect(await outcomeOf(tus.create(empty, 9, withBytes, ''))).toMatch(/^201( 0)?$/)
    for (const id of [long, damaged, empty]) expect(await outcomeOf(tus.head(tus.at(id)))).toBe('200 0')
  })

  test('that is cut has created the upload, which continues from what has come', async () => {
    const id = await journey.initialize({ disableVirusScan: true })
    const bytes = randomBytes(3 * MIB)

    await tus.cut('POST', tus.at(id), { 'upload-length': `${bytes.length}` }, bytes.subarray(0, MIB))
    const offset = await kept(tus.at(id))

    await expect
      .poll(() => outcomeOf(tus.patch(tus.at(id), offset, bytes.subarray(offset))), POLLING)
      .toBe(`204 ${bytes.length}`)
    expect((await fileOf(id)).equals(bytes)).toBe(true)
  })
})

describe('a file by TUS', () => {
  test('that is not what was promised fails the transfer, and leaves nothing behind', async () => {
    const id = await begin({ checksum: md5(Buffer.from('other bytes')) })
    await tus.create(id, 5)

    expect(await outcomeOf(tus.patch(tus.at(id), 0, 'hello'))).toBe('204 5')

    expect((await journey.reached(id, 'Failed')).fileTransferStatusText).toBe('Checksum mismatch')
    const told3 = ['filetransferinitialized', 'uploadfailed'].map((type) => `${type} > ${OWNER} as Sender`)
    await vi.waitFor(async () => expect(await journey.events(id)).toEqual(told3), POLLING)
    await vi.waitFor(async () => expect(await tus.stored(id)).toEqual([]), POLLING)
  })

  test.each(['as a single upload', 'in parts'])('with malware fails, %s, and is gone', async (how) => {
    const eicar = ['X5O!P%@AP[4\\PZX54(P^)7CC)7}', '$EICAR-STANDARD-ANTIVIRUS', '-TEST-FILE!$H+H*'].join('')
    const id = await begin({ disableVirusScan: false })

    if (how === 'in parts') {
      const parts = [await sentPart(id, eicar.slice(0, 20)), await sentPart(id, eicar.slice(20))]
      expect(await outcomeOf(tus.join(id, parts))).toBe('201')
    } else {
      await tus.create(id, eicar.length)
      expect(await outcomeOf(tus.patch(tus.at(id), 0, eicar))).toBe(`204 ${eicar.length}`)
    }

    expect((await journey.reached(id, 'Failed')).fileTransferStatusText).toMatch(/^Malware scan failed: Malicious/)
    const types = ['filetransferinitialized', 'uploadfailed', 'uploadprocessing']
    await vi.waitFor(
      async () => expect(await journey.events(id)).toEqual(types.map((type) => `${type} > ${OWNER} as Sender`)),
      POLLING,
    )
    await vi.waitFor(async () => expect(await tus.stored(id)).toEqual([]), POLLING)
  })
})
