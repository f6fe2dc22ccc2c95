import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, test, vi } from 'vitest'
import { md5, OWNER, POLLING, RESOURCE } from '../support/journey.js'
import { recovered, stackBehindFaultyProxy } from '../support/outages.js'
import { outcomeOf, tusCalls } from '../support/tusCalls.js'

// A storage that stalls for longer than it is waited for by one request: an upload is slow then, and does not fail.

const MIB = 2 ** 20
/** A call of the storage has a time-out of 6 s, or 12 s when a part of a block was sent, and is retried once. */
const STALL_MS = 30_000

const stack = stackBehindFaultyProxy('UnscannedBlobs', { PATIENCE_SECONDS: '5' })

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

/** Resolves when the storage has taken so many blocks of the transfer: when it stalls then, it is busy, and not down. */
const taken = (id: string, blocks: number) =>
  vi.waitFor(() => expect(stack().proxy.blocksTaken(id)).toBeGreaterThanOrEqual(blocks), POLLING)

/** The bytes, and a pause behind the first of them until this has happened. */
async function* pausing(bytes: Buffer, afterBytes: number, until: () => Promise<void>) {
  yield bytes.subarray(0, afterBytes)
  await until()
  yield bytes.subarray(afterBytes)
}
const body = (...pause: Parameters<typeof pausing>) => ReadableStream.from<Uint8Array>(pausing(...pause))

const calls = async () => {
  const { journey } = stack()
  // Short blocks for parts, too.
  await journey.configure(RESOURCE, { maxFileTransferSize: 1_000_000_000 })
  return { journey, tus: tusCalls(journey, await journey.token(OWNER, 'altinn:broker.write')) }
}

describe.concurrent('while the blobs stall', () => {
  test('for as long as its client sends, a PATCH waits for them', async () => {
    const { journey, tus } = await calls()
    const bytes = randomBytes(20 * MIB)
    const { id, path } = await tus.initializeWithUpload(bytes.length)
    const stalling = stall((path) => path.includes(id))

    expect(
      await outcomeOf(
        tus.patch(
          path,
          0,
          body(bytes, 12 * MIB, () => stalling),
        ),
      ),
    ).toBe(`204 ${bytes.length}`)

    expect(await journey.reached(id, 'Published')).toMatchObject({ checksum: md5(bytes) })
  })

  test('four parts that have arrived wait for them', async () => {
    const { journey, tus } = await calls()
    const bytes = randomBytes(16 * MIB)
    const id = await journey.initialize({ disableVirusScan: true })
    const parts = await Promise.all(Array.from({ length: 4 }, () => tus.part(id, bytes.length)))
    const begun = taken(id, parts.length)
    void begun.then(() => stall((path) => path.includes(id)))

    const answers = await Promise.all(
      parts.map((part) =>
        outcomeOf(
          tus.patch(
            part,
            0,
            body(bytes, 12 * MIB, () => begun),
          ),
        ),
      ),
    )

    expect(answers).toEqual(parts.map(() => `204 ${bytes.length}`))
    expect(await outcomeOf(tus.join(id, parts))).toBe('201')
    await recovered(journey, async () => {
      const { fileTransferStatus, checksum } = await journey.details(id)
      expect([fileTransferStatus, checksum]).toEqual(['Published', md5(Buffer.concat([bytes, bytes, bytes, bytes]))])
    })
  })

  test.each([
    ['that has arrived', ''],
    ['whose blocks are to be made a file', 'comp=blocklist'],
  ])('a plain upload %s waits for them', async (_, query) => {
    const { journey } = await calls()
    const bytes = randomBytes(20 * MIB)
    const id = await journey.initialize({ disableVirusScan: true })
    const begun = taken(id, 1)
    void begun.then(() => stall((path) => path.includes(id) && path.includes(query)))

    expect(
      (
        await journey.upload(
          id,
          body(bytes, 12 * MIB, () => begun),
        )
      ).status,
    ).toBe(200)

    expect(await journey.reached(id, 'Published')).toMatchObject({ checksum: md5(bytes) })
  })
})
