import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { BlobLocation } from '../../../src/usecases/ports/blobs.js'
import { bytesOf, memoryWorld, type World } from '../../support/memoryBroker.js'
import { kari, owner, sender } from '../../support/samples.js'
import { good, tusClient } from '../../support/tus.js'

const HOUR = 3600
const limits = { maxBytes: 100, expectedBytes: undefined, accept: () => true }

/** A file that is stored at this moment for an attempt that nobody knows. */
async function orphan({ stores }: World, place: Partial<BlobLocation> = {}) {
  const ids = { fileTransferId: randomUUID(), attemptId: randomUUID() }
  const whole = { isScanned: true, serviceOwner: owner, ...ids, ...place }
  await stores.blobs.write(whole, bytesOf('hello'), limits)
  return whole
}
const counted = ({ log }: World) => log.filter(({ event }) => event === 'orphans.swept')

describe('sweeping orphans', () => {
  test('deletes the blobs of transfers that are not there, or hold another attempt', async () => {
    const world = await memoryWorld()
    const id = await world.uploaded()
    const held = world.stores.blobs.locations()
    await orphan(world)
    await orphan(world, { fileTransferId: id })
    await orphan(world, { fileTransferId: id, isScanned: false })
    world.advance(48 * HOUR + 1)

    await world.broker.sweepOrphans()

    expect(world.stores.blobs.locations()).toEqual(held)
    expect(counted(world)).toMatchObject([{ details: { listed: 4, orphans: 3, keys: 0 } }])
  })

  test.each([
    [100, 0],
    [101, 101],
  ])(
    'of %i transfers that no table knows leaves the blobs of %i: rather the tables are gone',
    async (unknown, left) => {
      const world = await memoryWorld()
      const id = await world.uploaded()
      const held = world.stores.blobs.locations().length
      await orphan(world, { fileTransferId: id })
      for (let each = 0; each < unknown; each++) await orphan(world)
      world.advance(48 * HOUR + 1)

      await world.broker.sweepOrphans()

      expect(world.stores.blobs.locations()).toHaveLength(held + left)
      expect(world.log.filter(({ event }) => event === 'orphans.tooManyUnknown')).toHaveLength(left > 0 ? 1 : 0)
    },
  )

  test('spares every blob of the last 48 hours', async () => {
    const world = await memoryWorld()
    const place = await orphan(world)
    world.advance(48 * HOUR)

    await world.broker.sweepOrphans()

    expect(world.stores.blobs.locations()).toEqual([place])
  })

  test('spares the attempts of an upload that is not complete', async () => {
    const world = await memoryWorld()
    const id = await world.begin()
    const broken = world.start(({ transfers }) => ({
      transfers: {
        ...transfers,
        commit: (next, ...more) =>
          next.status === 'UploadProcessing' ? Promise.reject(new Error('Down.')) : transfers.commit(next, ...more),
      },
    }))
    const upload = { body: bytesOf('hello'), declaredBytes: 5 }
    await expect(
      broken.uploadFile({ organization: sender, vendor: undefined, scopes: [], claims: {} }, id, upload),
    ).rejects.toThrow('Down.')
    world.advance(48 * HOUR + 1)

    await world.broker.sweepOrphans()

    expect(world.stores.blobs.locations()).toMatchObject([{ fileTransferId: id }])
  })

  test('reads the state of a transfer once, and only of those with an old blob', async () => {
    const world = await memoryWorld()
    const fileTransferId = randomUUID()
    for (let i = 0; i < 5; i++) await orphan(world, { fileTransferId })
    world.advance(48 * HOUR + 1)
    await orphan(world)
    const read: string[] = []
    const broker = world.start(({ transfers }) => ({
      transfers: {
        ...transfers,
        read: (id) => {
          read.push(id)
          return transfers.read(id)
        },
      },
    }))

    await broker.sweepOrphans()

    expect(read).toEqual([fileTransferId])
    expect(world.stores.blobs.locations()).toHaveLength(1)
  })

  test('deletes nothing but what it has listed', async () => {
    const world = await memoryWorld()
    const place = await orphan(world)
    world.advance(48 * HOUR + 1)
    const broker = world.start(({ blobs }) => ({
      blobs: {
        ...blobs,
        async *list() {
          yield* blobs.list()
          await blobs.remove(place)
          await orphan(world, place)
        },
      },
    }))

    await broker.sweepOrphans()

    expect(world.stores.blobs.locations()).toEqual([place])
  })

  test('leaves what is not ours, and says so once', async () => {
    const world = await memoryWorld()
    const removed: BlobLocation[] = []
    const broker = world.start(({ blobs }) => ({
      blobs: {
        ...blobs,
        async *list() {
          for (const address of ['one', 'two'])
            yield { location: undefined, address, etag: '0x1', modifiedAt: new Date(0) }
        },
        remove: async (place) => void removed.push(place),
      },
    }))

    await broker.sweepOrphans()

    expect(removed).toEqual([])
    expect(world.log.filter(({ level }) => level === 'warn')).toEqual([
      expect.objectContaining({ event: 'orphans.unknownBlobs', details: { count: 2, first: 'one' } }),
    ])
  })

  test('goes on with the others when one blob cannot be deleted, and fails at the end', async () => {
    const world = await memoryWorld()
    const places = [await orphan(world), await orphan(world)]
    world.advance(48 * HOUR + 1)
    const broker = world.start(({ blobs }) => ({
      blobs: {
        ...blobs,
        remove: (place, etag) =>
          place.fileTransferId === places[0]?.fileTransferId
            ? Promise.reject(new Error('Down.'))
            : blobs.remove(place, etag),
      },
    }))

    await expect(broker.sweepOrphans()).rejects.toThrow('Down.')

    expect(world.stores.blobs.locations()).toEqual([places[0]])
  })

  test('removes idempotency keys that bind nobody any more', async () => {
    const world = await memoryWorld()
    const { idempotencyKeys } = world.stores
    const entry = () => ({ fileTransferId: randomUUID(), requestHash: 'a', at: world.clock.now })
    await idempotencyKeys.claim(kari, 'old', entry(), world.clock.now)
    world.advance(48 * HOUR + 1)
    const young = await idempotencyKeys.claim(kari, 'young', entry(), world.clock.now)

    await world.broker.sweepOrphans()

    expect(counted(world)).toMatchObject([{ details: { keys: 1 } }])
    expect(await idempotencyKeys.claim(kari, 'young', entry(), new Date(0))).toEqual(young)
  })
})

describe('sweeping what an upload in several requests has left beside the file', () => {
  test('spares it while the upload runs, and deletes it when another attempt has taken its place', async () => {
    const world = await memoryWorld()
    const id = await world.begin()
    const client = tusClient(world.broker, id)
    good(await client.create(10))
    good(await client.patch(0, '123'))
    await world.broker.settled()
    const [tail] = world.stores.blobs.tails.values()
    const other = { fileTransferId: id, attemptId: randomUUID(), isScanned: true, serviceOwner: owner }
    await world.stores.blocks.writeTail(other, 'left', Buffer.from('xxx'))

    await world.broker.sweepOrphans()

    expect([...world.stores.blobs.tails.values()]).toEqual([tail])
    expect(world.log).toContainEqual(
      expect.objectContaining({
        event: 'orphans.blobDeleted',
        details: expect.objectContaining({ attemptId: other.attemptId }),
      }),
    )
  })

  test('says of too many unknown transfers how many there are, and spares what lies beside their files', async () => {
    const world = await memoryWorld()
    for (let each = 0; each < 101; each++) {
      const place = { isScanned: true, serviceOwner: owner, fileTransferId: randomUUID(), attemptId: randomUUID() }
      await world.stores.blocks.writeTail(place, 'left', Buffer.from('xxx'))
    }

    await world.broker.sweepOrphans()

    expect(world.stores.blocks.tails()).toHaveLength(101)
    expect(world.log).toContainEqual(
      expect.objectContaining({
        event: 'orphans.tooManyUnknown',
        details: expect.objectContaining({ transfers: 101 }),
      }),
    )
  })
})
