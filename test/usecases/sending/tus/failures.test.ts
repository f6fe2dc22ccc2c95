import { createHash } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { WHOLE } from '../../../../src/domain/tus/upload.js'
import { brokenOff, bytesOf, memoryWorld, type World } from '../../../support/memoryBroker.js'
import { fileOf, good, tusClient, withBlocksOf } from '../../../support/tus.js'

/** A process whose storage takes no blocks. */
const withoutBlocks = (world: World) =>
  world.start(({ blocks }) => ({
    blocks: {
      ...blocks,
      stage: async () => {
        throw new Error('The storage takes no blocks.')
      },
    },
  }))

async function begun(length: number) {
  const world = await memoryWorld()
  const id = await world.begin({ disableVirusScan: true })
  const client = tusClient(world.broker, id)
  good(await client.create(length))
  await withBlocksOf(8, world, id)
  return { world, id, client }
}

describe('appending', () => {
  test.each([
    ['that fills a block', '45678'],
    ['that fills a block and more', '4567890'],
    ['that fills several', '4567890'.repeat(9)],
  ])('%s, when storage fails, takes nothing back that was acknowledged', async (_, more) => {
    const { world, id, client } = await begun(99)
    expect(good(await client.patch(0, '123')).offset).toBe(3)

    const answer = await tusClient(withoutBlocks(world), id).patch(3, more)

    expect(answer).toEqual({ ok: false, reason: 'UploadFailed' })
    expect(good(await client.head()).offset).toBe(3)
    expect(good(await client.patch(3, more)).offset).toBe(3 + more.length)
  })

  test('when the bytes after the last block cannot be read, lets go of the upload', async () => {
    const { world, id, client } = await begun(99)
    expect(good(await client.patch(0, '123')).offset).toBe(3)
    const readTail = () => Promise.reject(new Error('The storage gives no tails.'))
    const withoutTails = world.start(({ blocks }) => ({ blocks: { ...blocks, readTail } }))

    const answer = await tusClient(withoutTails, id).patch(3, '456')

    expect(answer).toEqual({ ok: false, reason: 'UploadFailed' })
    expect(good(await client.patch(3, '456')).offset).toBe(6)
  })

  test.each([
    ['while more is sent', 40],
    ['with more behind it', 30],
    ['at its last byte', 27],
  ])('when storage fails at the third block %s, keeps those before it', async (_, length) => {
    const text = '0123456789'.repeat(4).slice(0, length)
    const { world, id, client } = await begun(length === 30 ? 99 : length)
    let count = 0
    const failing = world.start(({ blocks }) => ({
      blocks: {
        ...blocks,
        async stage(...given) {
          if (++count === 3) throw new Error('The storage takes no third block.')
          return blocks.stage(...given)
        },
      },
    }))
    const body = bytesOf(...text)

    expect(await tusClient(failing, id).patch(0, '', WHOLE, { body })).toEqual({ ok: false, reason: 'UploadFailed' })

    expect(good(await client.head()).offset).toBe(16)
    good(await client.patch(16, text.slice(16)))
  })

  test('is told that another request has taken over, also when the storage fails', async () => {
    const { world, id, client } = await begun(99)
    const overtaken = world.start(({ blocks }) => ({
      blocks: {
        ...blocks,
        async stage() {
          world.advance(31)
          good(await client.patch(0, 'other'))
          throw new Error('The storage takes no blocks.')
        },
      },
    }))

    expect(await tusClient(overtaken, id).patch(0, '12345678')).toEqual({ ok: false, reason: 'UploadLocked' })
    expect(good(await client.head()).offset).toBe(5)
  })

  test('all bytes finishes the upload at once, though the client is gone by then', async () => {
    const { world, id, client } = await begun(10)

    const answer = await client.patch(0, '', WHOLE, { body: brokenOff('1234567890') })

    expect(answer).toEqual({ ok: false, reason: 'UploadFailed' })
    expect((await fileOf(world, id))?.bytes.toString()).toBe('1234567890')
  })

  test('takes no more bytes once another request has taken over', async () => {
    const { world, client } = await begun(99)
    let sent = 0
    async function* endless() {
      for (; sent < 50; sent++) {
        if (sent === 5) {
          world.advance(31)
          good(await client.patch(0, 'other'))
        }
        if (sent > 5) world.advance(11)
        yield Buffer.from('1')
        await nextTurn()
      }
    }

    const answer = await client.patch(0, '', WHOLE, { body: endless() })

    expect(answer).toEqual({ ok: false, reason: 'UploadLocked' })
    expect(sent).toBeLessThan(10)
    expect(good(await client.head()).offset).toBe(5)
  })

  test('little by little keeps the running MD5, so that the file is published with its last byte', async () => {
    const text = '0123456789abcdefghijklm'
    const { world, id, client } = await begun(text.length)

    for (const [at, byte] of [...text].entries()) good(await client.patch(at, byte))

    expect((await world.read(id)).transfer.status).toBe('Published')
    expect(await fileOf(world, id)).toMatchObject({
      md5: createHash('md5').update(text).digest('hex'),
      bytes: Buffer.from(text),
    })
  })
})

describe('ending an upload', () => {
  test('is refused when another request has begun to write to it meanwhile, which goes on', async () => {
    const { world, id, client } = await begun(10)
    const { tusUploads } = world.stores
    const { promise, resolve: goOn } = Promise.withResolvers<void>()
    async function* held() {
      yield Buffer.from('12345')
      await promise
    }
    let writing: ReturnType<typeof client.patch> | undefined
    const late = world.start(() => ({
      tusUploads: {
        ...tusUploads,
        async remove(...given) {
          writing = client.patch(0, '', WHOLE, { body: held() })
          await expect.poll(async () => good(await client.head()).lease).toBe(1)
          return tusUploads.remove(...given)
        },
      },
    }))

    expect(await tusClient(late, id).end()).toEqual({ ok: false, reason: 'UploadLocked' })
    goOn()

    expect(good((await writing) ?? { ok: false, reason: 'not begun' }).offset).toBe(5)
    expect((await world.read(id)).transfer.status).toBe('UploadStarted')
  })
})

describe('an upload that takes the place of another', () => {
  test('is not kept from it by the tidying up after the other', async () => {
    const { world, id, client } = await begun(20)
    good(await client.patch(0, 'abc'))
    const { tusUploads } = world.stores
    const { promise: isReplacing, resolve: replacing } = Promise.withResolvers<void>()
    let removal: Promise<unknown> | undefined
    const meanwhile = world.start(() => ({
      tusUploads: {
        ...tusUploads,
        remove(...given) {
          removal = isReplacing.then(() => tusUploads.remove(...given))
          return removal.then(() => 'removed')
        },
        async save(...given) {
          replacing()
          await removal
          return tusUploads.save(...given)
        },
      },
    }))

    expect(good(await tusClient(meanwhile, id).create(3))).toMatchObject({ lengthBytes: 3, offset: 0 })

    expect(good(await client.patch(0, 'new')).offset).toBe(3)
    expect((await fileOf(world, id))?.bytes.toString()).toBe('new')
  })
})

describe('a file sent as a whole after all', () => {
  test('leaves nothing of the parts that were begun before', async () => {
    const { world, id, client } = await begun(8)
    const part = good(await client.create(20, { kind: 'part' }))
    good(await client.patch(0, 'abc', part.id))

    good(await client.patch(0, '12345678'))
    await world.broker.settled()

    expect((await world.stores.tusUploads.ofFileTransfer(id)).map(({ upload }) => upload.id)).toEqual([WHOLE])
    expect(world.stores.blocks.tails()).toEqual([])
  })
})
