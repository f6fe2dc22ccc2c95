import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { brokenOff, bytesOf, memoryWorld } from '../../../support/memoryBroker.js'
import { fileOf, good, tusClient, withBlocksOf } from '../../../support/tus.js'

const BLOCK = 4
const TEXT = '0123456789abcdefghijklmnopqrstuvwxyz'

/** An upload of `TEXT` that stands at its third byte, and a broker with this limit. */
async function begun(wholePatchBytes: number) {
  const world = await memoryWorld()
  const broker = world.start(() => ({ wholePatchBytes }))
  const id = await world.begin({ disableVirusScan: true })
  const client = tusClient(broker, id)
  good(await client.create(TEXT.length))
  await withBlocksOf(BLOCK, world, id)
  good(await client.patch(0, '012'))
  return { world, id, client }
}

describe('a PATCH that breaks off after ten bytes', () => {
  test.each([
    { limit: 16, declared: 1, kept: 0 },
    { limit: 16, declared: 15, kept: 0 },
    { limit: 16, declared: 16, kept: 0 },
    { limit: 16, declared: 17, kept: 10 },
    { limit: 16, declared: undefined, kept: 10 },
    { limit: 0, declared: 16, kept: 10 },
    { limit: 0, declared: undefined, kept: 10 },
  ])(
    'of $declared bytes, where up to $limit count whole, keeps $kept',
    async ({ limit, declared: declaredBytes, kept }) => {
      const { world, id, client } = await begun(limit)
      const body = brokenOff(TEXT.slice(3, 13))

      expect(await client.patch(3, '', undefined, { body, declaredBytes })).toEqual({
        ok: false,
        reason: 'UploadFailed',
      })

      expect(good(await client.head()).offset).toBe(3 + kept)
      good(await client.patch(3 + kept, TEXT.slice(3 + kept)))
      expect((await fileOf(world, id))?.bytes.toString()).toBe(TEXT)
    },
  )

  test('and ends as if it were whole, keeps nothing', async () => {
    const { client } = await begun(16)

    const body = bytesOf(TEXT.slice(3, 13))
    const answer = await client.patch(3, '', undefined, { body, declaredBytes: 12 })

    expect(answer).toEqual({ ok: false, reason: 'UploadFailed' })
    expect(good(await client.head()).offset).toBe(3)
  })
})

describe('a PATCH that counts whole', () => {
  test('is told by nobody before it is there, however long it takes', async () => {
    const { world, client } = await begun(33)
    const shown: number[] = []
    async function* slowly() {
      for (const byte of TEXT.slice(3)) {
        world.advance(11)
        shown.push(good(await client.head()).offset)
        yield Buffer.from(byte)
      }
    }

    good(await client.patch(3, '', undefined, { body: slowly(), declaredBytes: 33 }))

    expect(new Set(shown)).toEqual(new Set([3]))
    expect(good(await client.head()).offset).toBe(TEXT.length)
  })

  test('is told of an outage of the storage in the middle of it as one, and not read to its end', async () => {
    const { world, id } = await begun(16)
    const outage = Object.assign(new Error('It is down.'), { statusCode: 503 })
    const stage = () => Promise.reject(outage)
    const failing = world.start(({ blocks }) => ({ wholePatchBytes: 16, blocks: { ...blocks, stage } }))
    let sent = 0
    async function* slowly() {
      for (const byte of TEXT.slice(3, 19)) {
        sent++
        yield Buffer.from(byte)
        await nextTurn()
      }
    }

    const answer = tusClient(failing, id).patch(3, '', undefined, { body: slowly(), declaredBytes: 16 })

    await expect(answer).rejects.toBe(outage)
    expect(sent).toBeLessThan(16)
  })

  test.each([1, 2, 3])('keeps nothing when the storage fails at block %i of it', async (number) => {
    const { world, id, client } = await begun(16)
    let count = 0
    const failing = world.start(({ blocks }) => ({
      wholePatchBytes: 16,
      blocks: {
        ...blocks,
        async stage(...given) {
          if (++count === number) throw new Error('It is down.')
          return blocks.stage(...given)
        },
      },
    }))

    const answer = await tusClient(failing, id).patch(3, TEXT.slice(3, 19), undefined, { declaredBytes: 16 })

    expect(answer).toEqual({ ok: false, reason: 'UploadFailed' })
    expect(good(await client.head()).offset).toBe(3)
    good(await client.patch(3, TEXT.slice(3)))
    expect((await fileOf(world, id))?.bytes.toString()).toBe(TEXT)
  })
})
