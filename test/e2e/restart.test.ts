import { randomBytes } from 'node:crypto'
import { request } from 'node:http'
import { describe, expect, test, vi } from 'vitest'
import { bytesOf, KARI, md5, OLA, OWNER, ownJourney, POLLING, SLOW_POLLING } from '../support/journey.js'
import { CHUNK, outcomeOf, tusCalls } from '../support/tusCalls.js'

const MIB = 2 ** 20
const OCTETS = 'application/octet-stream'
const journey = await ownJourney({}, { isStopped: true })
const token = await journey.token(OWNER, 'altinn:broker.write')
const tus = tusCalls(journey, token)

/** Begins a request that brings these bytes and then no more, and does not end. */
function slowly(method: string, path: string, headers: Record<string, string>, bytes: Uint8Array) {
  const all = { authorization: `Bearer ${token}`, ...headers }
  const sending = request(journey.stack.urls.app + path, { method, headers: all })
  const answer = new Promise<number | string>((resolve) => {
    sending.on('response', ({ statusCode = 0 }) => resolve(statusCode)).on('error', ({ message }) => resolve(message))
  })
  sending.write(bytes)
  return { answer }
}

const patching = (path: string, bytes: Uint8Array, more: Record<string, string> = {}) =>
  slowly('PATCH', path, { 'tus-resumable': '1.0.0', 'content-type': CHUNK, 'upload-offset': '0', ...more }, bytes)

/** Waits until the first two blocks of a file are stored. */
const isBeingStored = (id: string) =>
  vi.waitFor(async () => expect(await tus.blocksOf(id, 'uncommitted')).toBe(2), POLLING)

const published = [
  `published > ${OLA} as Recipient`,
  `published > ${KARI} as Recipient`,
  `published > ${OWNER} as Sender`,
]

async function restarted() {
  expect(await journey.stack.stopApp()).toBe(0)
  await journey.stack.startApp()
}

describe('when the app is asked to stop in the middle of', () => {
  test('a PATCH without a length, what came is kept, and the upload can continue immediately', async () => {
    const bytes = randomBytes(14 * MIB)
    const { id, path } = await tus.initializeWithUpload(bytes.length)
    const { answer } = patching(path, bytes.subarray(0, 11 * MIB))
    await isBeingStored(id)

    await restarted()

    expect(await answer).toBe(500)
    const offset = Number(/^200 (\d+)$/.exec(await outcomeOf(tus.head(path)))?.[1])
    expect(offset).toBeGreaterThanOrEqual(8 * MIB)
    expect(offset).toBeLessThanOrEqual(11 * MIB)
    expect(await outcomeOf(tus.patch(path, offset, new Uint8Array(bytes.subarray(offset))))).toBe(`204 ${bytes.length}`)
    expect(await journey.reached(id, 'Published')).toMatchObject({ checksum: md5(bytes) })
  })

  test('a PATCH that counts completely or not, nothing of it is kept, and the upload can continue immediately', async () => {
    const bytes = randomBytes(14 * MIB)
    const { id, path } = await tus.initializeWithUpload(bytes.length)
    const { answer } = patching(path, bytes.subarray(0, 11 * MIB), { 'content-length': `${bytes.length}` })
    await isBeingStored(id)

    await restarted()

    expect(await answer).toBe(500)
    expect(await outcomeOf(tus.head(path))).toBe('200 0')
    expect(await outcomeOf(tus.patch(path, 0, bytes))).toBe(`204 ${bytes.length}`)
    expect(await journey.reached(id, 'Published')).toMatchObject({ checksum: md5(bytes) })
  })

  test('a plain upload, it is abandoned, and can be sent again', async () => {
    const id = await journey.initialize({ disableVirusScan: true })
    const path = `/broker/api/v1/filetransfer/${id}/upload`
    const { answer } = slowly(
      'POST',
      path,
      { 'content-type': OCTETS, 'content-length': `${30 * MIB}` },
      randomBytes(20 * MIB),
    )
    await isBeingStored(id)

    await restarted()

    expect(await answer).toBe(500)
    expect((await journey.details(id)).fileTransferStatus).toBe('UploadStarted')
    expect((await journey.upload(id, 'once more')).status).toBe(200)
    expect(Buffer.from(await bytesOf(await journey.download(KARI, id))).toString()).toBe('once more')
    await vi.waitFor(async () => expect(await journey.storedBlobs(id)).toHaveLength(1), POLLING)
  })
})

describe('when the app is killed', () => {
  test('after an upload, and started again, the file is published and each event is published once', async () => {
    const ids = await Promise.all(Array.from({ length: 8 }, () => journey.initialize({ disableVirusScan: true })))
    const uploads = ids.map(async (id) => (await journey.upload(id, `file of ${id}`)).status)

    await Promise.race(uploads) // at least one has been acknowledged; the others are under way
    await journey.stack.killApp()
    const acknowledged = (await Promise.allSettled(uploads)).flatMap((each, i) =>
      each.status === 'fulfilled' && each.value === 200 ? [ids[i] ?? ''] : [],
    )
    await journey.stack.startApp()

    expect(acknowledged.length).toBeGreaterThan(0)
    for (const id of acknowledged) {
      await vi.waitFor(
        async () => {
          await journey.runTimer('maintain')
          expect((await journey.details(id)).fileTransferStatus).toBe('Published')
          expect((await journey.events(id)).filter((event) => event.startsWith('published'))).toEqual(published)
        },
        SLOW_POLLING, // what was committed and not announced is found after 30 s
      )
      expect(await (await journey.download(KARI, id)).text()).toBe(`file of ${id}`)
    }
  })
})
