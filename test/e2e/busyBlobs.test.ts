import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, test, vi } from 'vitest'
import { md5, OWNER, POLLING, RESOURCE } from '../support/journey.js'
import { recovered, stackBehindFaultyProxy } from '../support/outages.js'
import { outcomeOf, tusCalls } from '../support/tusCalls.js'

// A storage that stalls for longer than it is waited for by one request: an upload is slow then, and does not fail.

const MIB = 2 ** 20
/** A call of the storage has a time-out of 2.4 s, or 4.8 s when a part of a block was sent, and is retried once. */
const STALL_MS = 16_000

const stack = stackBehindFaultyProxy('UnscannedBlobs')

/** Which addresses of the storage are stalled. The tests run side by side, each with the stall of its own transfer. */
const stalled = new Set<(path: string) => boolean>()

async function stall(isMeant: (path: string) => boolean) {
  const { proxy } = stack()
  const apply = () => {
    proxy.have('none')
    if (stalled.size > 0) proxy.have('silent', (path) => [...stalled].some((each) => each(path)))
  }
  stalled.add(isMeant)
  apply()
  await pause(STALL_MS)
  stalled.delete(isMeant)
  apply()
}

/** The bytes, and a pause behind the first of them until this is so. */
async function* pausing(bytes: Buffer, afterBytes: number, until: () => Promise<void>) {
  yield bytes.subarray(0, afterBytes)
  await until()
  yield bytes.subarray(afterBytes)
}

/** The storage stalls, for these of its addresses, as soon as this many bytes have been sent. */
function stalling(bytes: Buffer, afterBytes: number, isMeant: (path: string) => boolean) {
  let ended: Promise<void> | undefined
  async function* body() {
    for (let at = 0; at < bytes.length; at += MIB) {
      if (at >= afterBytes) ended ??= stall(isMeant)
      yield bytes.subarray(at, at + MIB)
    }
  }
  return { body: ReadableStream.from<Uint8Array>(body()), ended: () => ended }
}

const calls = async () => {
  const { journey } = stack()
  // Short blocks for parts, too.
  await journey.configure(RESOURCE, { maxFileTransferSize: 1_000_000_000 })
  return { journey, tus: tusCalls(journey, await journey.token(OWNER, 'altinn:broker.write')) }
}

describe.concurrent('while the blobs stall', () => {
  test.each([0, 8])('after %d MiB of it, a PATCH waits for them', async (afterMib) => {
    const { journey, tus } = await calls()
    const bytes = randomBytes(20 * MIB)
    const { id, path } = await tus.initializeWithUpload(bytes.length)
    const { body, ended } = stalling(bytes, afterMib * MIB, (path) => path.includes(id))

    expect(await outcomeOf(tus.patch(path, 0, body))).toBe(`204 ${bytes.length}`)

    await ended()
    expect(await journey.reached(id, 'Published')).toMatchObject({ checksum: md5(bytes) })
  })

  test('four parts side by side wait for them', async () => {
    const { journey, tus } = await calls()
    const bytes = randomBytes(16 * MIB)
    const id = await journey.initialize({ disableVirusScan: true })
    const parts = await Promise.all(Array.from({ length: 4 }, () => tus.part(id, bytes.length)))
    // A storage that has taken a block of each is busy when it stalls then, and not down.
    const { proxy } = stack()
    let stalling: Promise<void> | undefined
    const stallAll = async () => {
      await vi.waitFor(() => expect(proxy.blocksTaken(id)).toBeGreaterThanOrEqual(parts.length), POLLING)
      void stall((path) => path.includes(id))
    }
    const body = () => ReadableStream.from<Uint8Array>(pausing(bytes, 8 * MIB, () => (stalling ??= stallAll())))

    const answers = await Promise.all(parts.map((part) => outcomeOf(tus.patch(part, 0, body()))))

    expect(answers).toEqual(parts.map(() => `204 ${bytes.length}`))
    expect(await outcomeOf(tus.join(id, parts))).toBe('201')
    await recovered(journey, async () => {
      const { fileTransferStatus, checksum } = await journey.details(id)
      expect([fileTransferStatus, checksum]).toEqual(['Published', md5(Buffer.concat([bytes, bytes, bytes, bytes]))])
    })
  })

  test.each([
    ['in the middle of it', 8, ''],
    ['when its blocks are to be made a file', 16, 'comp=blocklist'],
  ])('%s, a plain upload waits for them', async (_, afterMib, query) => {
    const { journey } = await calls()
    const bytes = randomBytes(20 * MIB)
    const id = await journey.initialize({ disableVirusScan: true })
    const { body, ended } = stalling(bytes, afterMib * MIB, (path) => path.includes(id) && path.includes(query))

    expect((await journey.upload(id, body)).status).toBe(200)

    await ended()
    expect(await journey.reached(id, 'Published')).toMatchObject({ checksum: md5(bytes) })
  })
})
