import { describe, expect, test } from 'vitest'
import { newResource } from '../../../src/domain/resource.js'
import { err } from '../../../src/domain/result.js'
import type { Ports } from '../../../src/usecases/broker.js'
import { bytesOf, callerFor, memoryWorld, type World } from '../../support/memoryBroker.js'
import { all, kari, later, ola, owner, sender } from '../../support/samples.js'

const DAY = 86_400
const resourceId = 'bruksmonster-broker'
const FAR = later(400 * DAY)

/** A world with the resource of the use-case tests. */
async function worldForTests() {
  const world = await memoryWorld()
  await world.stores.resources.save(newResource(resourceId, owner), undefined)
  return world
}

/** All that is stored about a transfer, by where it lies. */
async function tracesOf({ stores }: World, id: string) {
  const isOwn = ({ fileTransferId }: { fileTransferId: string }) => fileTransferId === id
  return {
    state: (await stores.transfers.read(id)) && 'there',
    blobs: stores.blobs.locations().filter(isOwn).length,
    search: stores.searchIndex.rows().filter(isOwn).length,
    due: (await all(stores.due.dueBy(FAR))).filter(isOwn).length,
  }
}
const NOTHING = { state: undefined, blobs: 0, search: 0, due: 0 }

describe('cleaning up after use-case tests', () => {
  test('removes all that is stored of their transfers, and nothing of others', async () => {
    const world = await worldForTests()
    const begun = await world.begin({ resourceId })
    const published = await world.published({ resourceId })
    const waiting = await world.uploaded({ resourceId })
    const other = await world.published()
    const before = await tracesOf(world, other)
    world.advance(1)

    const { found, jobId, ...answer } = await world.broker.cleanUpUseCaseTests(0)
    await world.work()

    expect({ found, jobId, ...answer }).toEqual({ resourceId, found: 3, jobId: expect.any(String) })
    for (const id of [begun, published, waiting]) expect(await tracesOf(world, id)).toEqual(NOTHING)
    expect(await tracesOf(world, other)).toEqual(before)
    expect(before).toMatchObject({ state: 'there', blobs: 1, search: 3 })
    expect(await world.stores.deliveryLog.ofFileTransfer(published)).toEqual(new Map())
    expect((await world.stores.deliveryLog.ofFileTransfer(other)).size).toBeGreaterThan(0)
  })

  test('spares what is younger than is asked for', async () => {
    const world = await worldForTests()
    const old = await world.begin({ resourceId })
    world.advance(2 * DAY)
    const young = await world.begin({ resourceId })
    world.advance(DAY)

    const { found } = await world.broker.cleanUpUseCaseTests(3)
    const again = await world.broker.cleanUpUseCaseTests(2)
    await world.work()

    expect([found, again.found]).toEqual([0, 1])
    expect(await tracesOf(world, old)).toEqual(NOTHING)
    expect((await tracesOf(world, young)).state).toBe('there')
  })

  test('finds nothing where there is nothing', async () => {
    const world = await worldForTests()

    expect(await world.broker.cleanUpUseCaseTests(0)).toMatchObject({ found: 0 })
    expect(world.stores.messages.sent()).toEqual([])
  })

  test('hands on every transfer by a message of its own, however many there are', async () => {
    const world = await worldForTests()
    const ids = await Promise.all(Array.from({ length: 205 }, () => world.begin({ resourceId })))
    world.advance(1)

    const { found, jobId } = await world.broker.cleanUpUseCaseTests(0)

    const sent = world.stores.messages.sent().filter(({ messageId }) => messageId.endsWith(`-remove-${jobId}`))
    expect(found).toBe(205)
    expect(sent.map(({ body }) => JSON.parse(body).fileTransferId).toSorted()).toEqual(ids.toSorted())
  })
})

describe('removing a file transfer', () => {
  test('leaves alone what is not of the use-case tests', async () => {
    const world = await worldForTests()
    const id = await world.published()
    const before = await tracesOf(world, id)

    await world.broker.doDeferredWork({ work: 'removeFileTransfer', fileTransferId: id })

    expect(await tracesOf(world, id)).toEqual(before)
  })

  type Cut = { where: string; change: (ports: Ports) => Partial<Ports> }
  const down = () => Promise.reject(new Error('The process has died.'))
  const cuts: Cut[] = [
    { where: 'at the blobs', change: ({ blobs }) => ({ blobs: { ...blobs, remove: down } }) },
    { where: 'at the search rows', change: ({ searchIndex }) => ({ searchIndex: { ...searchIndex, remove: down } }) },
    { where: 'at the due rows', change: ({ due }) => ({ due: { ...due, replace: down } }) },
    { where: 'at the state', change: ({ removal }) => ({ removal: { ...removal, remove: down } }) },
    {
      where: 'just after the state',
      change: ({ removal }) => ({ removal: { ...removal, remove: (id, read) => removal.remove(id, read).then(down) } }),
    },
  ]
  test.each(cuts)('can begin again when it is cut off $where', async ({ change }) => {
    const world = await worldForTests()
    const fileTransferId = await world.published({ resourceId })

    await expect(world.start(change).doDeferredWork({ work: 'removeFileTransfer', fileTransferId })).rejects.toThrow(
      'died',
    )
    await world.broker.doDeferredWork({ work: 'removeFileTransfer', fileTransferId })
    await world.broker.doDeferredWork({ work: 'removeFileTransfer', fileTransferId })

    expect(await tracesOf(world, fileTransferId)).toMatchObject({ state: undefined, search: 0 })
    world.advance(31 * DAY)
    await world.broker.expireDue()
    await world.work()
    await world.broker.sweepOrphans()
    expect(await tracesOf(world, fileTransferId)).toEqual(NOTHING)
  })

  test('deletes no file before it is sure that the transfer is removed', async () => {
    const world = await worldForTests()
    const fileTransferId = await world.published({ resourceId })
    const conflict = world.start(({ removal }) => ({ removal: { ...removal, remove: async () => 'conflict' } }))

    await expect(conflict.doDeferredWork({ work: 'removeFileTransfer', fileTransferId })).rejects.toThrow('changed')

    expect(await tracesOf(world, fileTransferId)).toMatchObject({ state: 'there', blobs: 1, due: 1 })
  })

  test('begins again when the transfer has changed meanwhile', async () => {
    const world = await worldForTests()
    const fileTransferId = await world.published({ resourceId })
    const broker = world.start(({ removal }) => ({
      removal: {
        ...removal,
        remove: async (...read) => {
          await world.broker.downloadFile(callerFor(kari), fileTransferId, undefined)
          await world.broker.settled()
          return removal.remove(...read)
        },
      },
    }))

    await expect(broker.doDeferredWork({ work: 'removeFileTransfer', fileTransferId })).rejects.toThrow('changed')
    await world.broker.doDeferredWork({ work: 'removeFileTransfer', fileTransferId })

    expect(await tracesOf(world, fileTransferId)).toEqual(NOTHING)
  })

  test('takes away search rows that a change which was just made writes late', async () => {
    const world = await worldForTests()
    const fileTransferId = await world.published({ resourceId })
    const rows = world.stores.searchIndex.rows()
    const broker = world.start(({ removal, searchIndex }) => ({
      removal: {
        ...removal,
        remove: async (id, read) => {
          for (const row of rows) await searchIndex.project(row)
          return removal.remove(id, read)
        },
      },
    }))

    await broker.doDeferredWork({ work: 'removeFileTransfer', fileTransferId })

    expect(await tracesOf(world, fileTransferId)).toEqual(NOTHING)
  })

  test('leaves no file of an upload that was under way', async () => {
    const world = await worldForTests()
    const fileTransferId = await world.begin({ resourceId, recipients: [kari, ola] })
    async function* body() {
      yield* bytesOf('hel')
      await world.broker.doDeferredWork({ work: 'removeFileTransfer', fileTransferId })
      yield* bytesOf('lo')
    }

    const upload = { body: body(), declaredBytes: undefined }
    const answer = await world.broker.uploadFile(callerFor(sender), fileTransferId, upload)
    await world.broker.settled()

    expect(answer).toEqual(err('FileTransferNotFound'))
    expect((await tracesOf(world, fileTransferId)).blobs).toBe(0)
    expect((await tracesOf(world, fileTransferId)).state).toBeUndefined()
  })
})
