import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { WHOLE } from '../../../../src/domain/tus/upload.js'
import type { RequestProgress } from '../../../../src/usecases/ports/tus.js'
import { brokenOff, bytesOf, memoryWorld, type World } from '../../../support/memoryBroker.js'
import { good, tusClient, withBlocksOf } from '../../../support/tus.js'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }))
afterEach(() => void vi.useRealTimers())

async function begun(length = 20) {
  const world = await memoryWorld()
  const id = await world.begin({ disableVirusScan: true })
  const client = tusClient(world.broker, id)
  good(await client.create(length))
  await withBlocksOf(4, world, id)
  return { world, id, client }
}

/** A process whose storage takes blocks when it is told to go on; and who waits for each of them. */
function stalling(world: World) {
  const { promise, resolve: goOn } = Promise.withResolvers<void>()
  const waiting: RequestProgress[] = []
  const broker = world.start(({ blocks }) => ({
    blocks: {
      ...blocks,
      async stage(place, blockId, bytes, request) {
        waiting.push(request)
        await promise
        await blocks.stage(place, blockId, bytes, request)
      },
    },
  }))
  return { broker, goOn, waiting }
}

/** Time goes by, and what is to be done now and then is done. */
async function later(world: World, seconds: number) {
  for (let gone = 0; gone < seconds; gone += 5) {
    world.advance(5)
    await vi.advanceTimersByTimeAsync(5000)
  }
}

describe('the lease of an upload', () => {
  test('is held for as long as the storage is waited for', async () => {
    const { world, id, client } = await begun()
    const { broker, goOn, waiting } = stalling(world)
    const slow = tusClient(broker, id).patch(0, '12345678')
    await expect.poll(() => waiting.length).toBeGreaterThan(0)

    await later(world, 100)

    expect(await client.patch(0, 'xxxx')).toEqual({ ok: false, reason: 'UploadLocked' })
    goOn()
    expect(good(await slow).offset).toBe(8)
    expect(good(await client.patch(8, '90')).offset).toBe(10)
    expect(vi.getTimerCount()).toBe(0)
  })

  test('runs out while a client is waited for that may be gone', async () => {
    const { world, id, client } = await begun()
    const { promise: never, resolve: end } = Promise.withResolvers<void>()
    async function* silent() {
      yield Buffer.from('12')
      await never
    }
    const lost = tusClient(world.broker, id).patch(0, '', WHOLE, { body: silent() })
    await expect.poll(async () => good(await client.head()).lease).toBe(1)

    await later(world, 35)

    expect(good(await client.patch(0, '1234')).offset).toBe(4)
    end()
    expect(await lost).toEqual({ ok: false, reason: 'UploadLocked' })
  })

  test('is not renewed any more when it is given back', async () => {
    const { world, id, client } = await begun()
    const { promise, resolve: goOn } = Promise.withResolvers<void>()
    let saves = 0
    const broker = world.start(({ tusUploads }) => ({
      tusUploads: {
        ...tusUploads,
        async save(transfer, upload, replaced) {
          saves++
          if (!upload.leasedUntil) await promise
          return tusUploads.save(transfer, upload, replaced)
        },
      },
    }))
    const ending = tusClient(broker, id).patch(0, '12')
    await expect.poll(() => saves).toBe(2)

    await later(world, 25)

    expect(saves).toBe(2)
    goOn()
    expect(good(await ending).offset).toBe(2)
    expect(good(await client.patch(2, '34')).offset).toBe(4)
  })
})

describe('the last bytes of an upload', () => {
  test.each([8, 10])('of %i are told when somebody is asked to finish it, and not before', async (length) => {
    const { world, id, client } = await begun(length)
    const { promise, resolve: goOn } = Promise.withResolvers<void>()
    let isAsked = false
    const broker = world.start(({ messages }) => ({
      messages: {
        ...messages,
        async finishUpload(...given) {
          isAsked = true
          await promise
          await messages.finishUpload(...given)
        },
      },
    }))
    const ending = tusClient(broker, id).patch(0, '1234567890'.slice(0, length))
    await expect.poll(() => isAsked).toBe(true)

    await later(world, 25)

    expect(good(await client.head()).offset).toBeLessThan(length)
    expect(await client.patch(0, 'xxxx')).toEqual({ ok: false, reason: 'UploadLocked' })
    goOn()
    expect(good(await ending).offset).toBe(length)
  })
})

describe('what a block is stored for', () => {
  test('is a request whose bytes still come, and then one whose bytes are all here', async () => {
    const { world, id } = await begun()
    const { broker, goOn, waiting } = stalling(world)
    const { promise, resolve: endBody } = Promise.withResolvers<void>()
    async function* body() {
      yield* bytesOf('12345678')
      await promise
    }
    const slow = tusClient(broker, id).patch(0, '', WHOLE, { body: body() })
    await expect.poll(() => waiting.map(({ state }) => state())).toEqual(['receiving'])

    endBody()

    await expect.poll(() => waiting[0]?.state()).toBe('received')
    goOn()
    expect(good(await slow).offset).toBe(8)
  })

  test('is nothing when another block of it has failed', async () => {
    const { world, id } = await begun()
    const requests: RequestProgress[] = []
    const failing = world.start(({ blocks }) => ({
      blocks: {
        ...blocks,
        async stage(_place, _blockId, _bytes, request) {
          requests.push(request)
          throw new Error('It is down.')
        },
      },
    }))

    expect((await tusClient(failing, id).patch(0, '1234567890')).ok).toBe(false)

    expect(requests.map(({ state }) => state())).toEqual(requests.map(() => 'abandoned'))
  })

  test.each([
    ['has gone', () => brokenOff('12345678')],
    ['has sent too much', () => bytesOf('12345678', '1234567890123')],
  ])('is nothing when the client %s', async (_, body) => {
    const { world, id } = await begun()
    const { broker, goOn, waiting } = stalling(world)

    const broken = tusClient(broker, id).patch(0, '', WHOLE, { body: body() })

    await expect.poll(() => waiting.map(({ state }) => state())).toEqual(['abandoned'])
    goOn()
    expect((await broken).ok).toBe(false)
  })
})
