import { describe, expect, test } from 'vitest'
import { WHOLE } from '../../src/domain/tus/upload.js'
import type { Broker } from '../../src/usecases/broker.js'
import { crashStack, type World } from '../support/crashStack.js'
import { CONTENT, requestOf, story } from '../support/crashStory.js'
import { bytesOf, callerFor, uploadOf } from '../support/memoryBroker.js'
import { roundTripCounter } from '../support/roundTripCounter.js'
import { good, tusCaller, tusClient } from '../support/tus.js'

// Processing 12: at most this many round trips to the storage, one after the other, before a caller is answered. Each
// takes some milliseconds in Azure, and counts for more than what happens in the process. What is read beside a
// question to Altinn's policy is not counted.

const makeWorld = crashStack()

/** What an operation does in a process whose calls go in rounds, and after how many of them it has answered. */
async function roundsOf(world: World, act: (broker: Broker) => Promise<unknown>): Promise<number> {
  const counter = roundTripCounter()
  const { broker, settled } = world.start(counter.storage, counter.altinn)
  // Caches the owner.
  await broker.initializeFileTransfer(callerFor(world.sender), requestOf(world, 'before'), undefined)
  await settled()
  const before = counter.rounds()
  const answer = await act(broker)
  const rounds = counter.rounds() - before
  await settled()
  expect(answer).toMatchObject({ ok: true })
  return rounds
}

type Row = {
  name: string
  most: number
  prepare: (world: World) => Promise<string>
  act: (broker: Broker, world: World, id: string) => Promise<unknown>
}

const published = async (world: World) => (await story(world, 'one').uploaded()).store()
const downloaded = async (world: World) => (await story(world, 'one').uploaded()).downloaded(world.kari).store()
const begun = (world: World) => story(world, 'one').store()
const tus = (world: World, broker: Broker, id: string) => tusClient(broker, id, tusCaller(world.sender))
async function tusBegun(world: World) {
  const id = await begun(world)
  good(await tus(world, world.recovering.broker, id).create(CONTENT.length))
  await world.recovering.settled()
  return id
}
const tail = CONTENT.slice(0, 2)
async function tusHalf(world: World) {
  const id = await tusBegun(world)
  good(await tus(world, world.recovering.broker, id).patch(0, tail))
  await world.recovering.settled()
  return id
}

const rows: Row[] = [
  {
    name: 'an initialize',
    most: 3,
    prepare: async () => '',
    act: (broker, world) => broker.initializeFileTransfer(callerFor(world.sender), requestOf(world, 'one'), undefined),
  },
  {
    name: 'an overview',
    most: 1,
    prepare: published,
    act: (broker, world, id) => broker.getFileTransfer(callerFor(world.sender), id),
  },
  {
    name: 'details',
    most: 1,
    prepare: published,
    act: (broker, world, id) => broker.getFileTransferDetails(callerFor(world.sender), id),
  },
  {
    name: 'a search',
    most: 1,
    prepare: published,
    act: (broker, world) =>
      broker.searchFileTransfers(callerFor(world.sender), { resourceId: world.resource.id }, undefined),
  },
  {
    name: 'a download, until its first byte',
    most: 4,
    prepare: published,
    act: (broker, world, id) => broker.downloadFile(callerFor(world.kari), id, undefined),
  },
  {
    name: 'a confirmation',
    most: 4,
    prepare: downloaded,
    act: (broker, world, id) => broker.confirmDownload(callerFor(world.kari), id),
  },
  {
    name: 'a cancellation',
    most: 4,
    prepare: begun,
    act: (broker, world, id) => broker.cancelFileTransfer(callerFor(world.sender), id),
  },
  // Two changes, of which the second begins with what the first has left, and the bytes between them.
  {
    name: 'an upload of a small file, published in its answer',
    most: 4 + 1 + 3,
    prepare: begun,
    act: (broker, world, id) => broker.uploadFile(callerFor(world.sender), id, uploadOf(CONTENT)),
  },
  {
    name: 'the creation of a TUS upload',
    most: 4 + 2,
    prepare: begun,
    act: (broker, world, id) => tus(world, broker, id).create(CONTENT.length),
  },
  // The row, the lease, the bytes, the row.
  {
    name: 'bytes by TUS',
    most: 4,
    prepare: tusBegun,
    act: (broker, world, id) => tus(world, broker, id).patch(0, tail),
  },
  // With the tail, the message beside the bytes, the row, the file, and its change.
  {
    name: 'the last bytes by TUS, published in the answer',
    most: 6 + 3,
    prepare: tusHalf,
    act: (broker, world, id) =>
      tus(world, broker, id).patch(tail.length, '', WHOLE, { body: bytesOf(CONTENT.slice(tail.length)) }),
  },
]

describe('round trips to the storage that a caller waits for', () => {
  test.each(rows)('$name: $most at most', async ({ most, prepare, act }) => {
    const world = await makeWorld()
    const id = await prepare(world)

    expect(await roundsOf(world, (broker) => act(broker, world, id))).toBeLessThanOrEqual(most)
  })
})
