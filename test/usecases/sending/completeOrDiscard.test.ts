import { describe, expect, test } from 'vitest'
import { err } from '../../../src/domain/result.js'
import { type Broker, callerFor, memoryWorld, uploadOf, type World } from '../../support/memoryBroker.js'
import { sender } from '../../support/samples.js'
import { good, tusClient } from '../../support/tus.js'

const asSender = callerFor(sender)

/** A process in which others always come first when an upload is to be completed. */
const busy = (world: World) =>
  world.start(({ transfers }) => ({
    pause: async () => world.advance(6),
    transfers: {
      ...transfers,
      commit: async (next, facts, ...given) =>
        facts.some(({ type }) => type === 'UploadCompleted') ? 'conflict' : transfers.commit(next, facts, ...given),
    },
  }))

type Meanwhile = (world: World, id: string) => Promise<unknown>

/** It is cancelled by another process, which has not tidied up yet. */
const cancelled: Meanwhile = async (world, id) => {
  const other = world.start(({ blobs }) => ({ blobs: { ...blobs, remove: async () => {} } }))
  await other.cancelFileTransfer(asSender, id)
  await other.settled()
}

/** It is removed, and nothing is left of it. */
const removed: Meanwhile = async (world, id) => world.stores.transfers.remove(id, (await world.read(id)).version)

/** A process in which this happens to the transfer as soon as the file is stored. */
const overtaken = (world: World, meanwhile: Meanwhile) =>
  world.start(({ blobs, blocks }) => {
    const then = async <Answer>(id: string, answer: Answer): Promise<Answer> => {
      await meanwhile(world, id)
      return answer
    }
    return {
      blobs: {
        ...blobs,
        write: async (place, ...given) => then(place.fileTransferId, await blobs.write(place, ...given)),
        find: async (place) => then(place.fileTransferId, await blobs.find(place)),
      },
      blocks: {
        ...blocks,
        commit: async (place, ...given) => then(place.fileTransferId, await blocks.commit(place, ...given)),
      },
    }
  })

type Way = { name: string; stored: (world: World, broker: Broker) => Promise<{ id: string; answer: unknown }> }

const ways: Way[] = [
  {
    name: 'a plain upload',
    async stored(world, broker) {
      const id = await world.begin()
      return { id, answer: await broker.uploadFile(asSender, id, uploadOf('hello')) }
    },
  },
  {
    name: 'an upload by a link',
    async stored(world, broker) {
      const id = await world.linked()
      return { id, answer: await broker.completeLinkedUpload(asSender, id) }
    },
  },
  {
    name: 'a TUS upload',
    async stored(world, broker) {
      const id = await world.begin()
      const client = tusClient(broker, id)
      const { attemptId } = good(await client.create(5))
      good(await client.patch(0, 'hello'))
      return {
        id,
        answer: await broker.doDeferredWork({ work: 'finishUpload', fileTransferId: id, attemptId }).catch(String),
      }
    },
  },
]

describe('the file of an upload that cannot be recorded', () => {
  test.each(ways)('stays where the transfer was busy: $name', async ({ stored }) => {
    const world = await memoryWorld()
    const broker = busy(world)

    const { id, answer } = await stored(world, broker)
    await broker.settled()

    expect([err('FileTransferBusy'), 'Error: Refused: FileTransferBusy']).toContainEqual(answer)
    expect(world.stores.blobs.locations()).toMatchObject([{ fileTransferId: id }])
  })

  test.each(ways)('is deleted where the transfer is gone: $name', async ({ stored }) => {
    const world = await memoryWorld()
    const broker = overtaken(world, removed)

    await stored(world, broker)
    await broker.settled()

    expect(world.stores.blobs.locations()).toEqual([])
  })

  test.each(ways)('is deleted where the transfer has moved on: $name', async ({ stored }) => {
    const world = await memoryWorld()
    const broker = overtaken(world, cancelled)

    const { id } = await stored(world, broker)
    await broker.settled()

    expect((await world.read(id)).transfer.status).toBe('Cancelled')
    expect(world.stores.blobs.locations()).toEqual([])
  })
})
