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

/** After how many rounds of calls a process answers. It may have seen the transfer, or even made it. */
async function roundsOf(world: World, { prepare, see, act }: Row): Promise<number> {
  const id = await prepare(world)
  const counter = roundTripCounter()
  const { broker, settled } = world.start(counter.storage, counter.altinn)
  // Caches the owner and the resource.
  await broker.initializeFileTransfer(callerFor(world.sender), requestOf(world, 'before'), undefined)
  const seen = await see?.(broker, world, id)
  await settled()
  const before = counter.rounds()
  const answer = await act(broker, world, seen ?? id)
  const rounds = counter.rounds() - before
  await settled()
  expect(answer).toMatchObject({ ok: true })
  return rounds
}

type Row = {
  name: string
  most: number
  prepare: (world: World) => Promise<string>
  /** What the same process has done before; else it has not seen the transfer. May return another one's id. */
  see?: (broker: Broker, world: World, id: string) => Promise<string | undefined>
  act: (broker: Broker, world: World, id: string) => Promise<unknown>
}

const none = async () => ''
const initialize = async (broker: Broker, world: World) =>
  good(await broker.initializeFileTransfer(callerFor(world.sender), requestOf(world, 'one'), undefined))
async function download(broker: Broker, world: World, id: string) {
  const { source } = good(await broker.downloadFile(callerFor(world.kari), id, undefined))
  await Array.fromAsync(source.bytes)
  return undefined
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
    most: 2,
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
    name: 'another download, until its first byte',
    most: 3,
    prepare: published,
    see: download,
    act: (broker, world, id) => broker.downloadFile(callerFor(world.kari), id, undefined),
  },
  {
    name: 'a confirmation after the download',
    most: 3,
    prepare: published,
    see: download,
    act: (broker, world, id) => broker.confirmDownload(callerFor(world.kari), id),
  },
  {
    name: 'a confirmation elsewhere',
    most: 4,
    prepare: downloaded,
    act: (broker, world, id) => broker.confirmDownload(callerFor(world.kari), id),
  },
  {
    name: 'a cancellation after the initialize',
    most: 3,
    prepare: none,
    see: initialize,
    act: (broker, world, id) => broker.cancelFileTransfer(callerFor(world.sender), id),
  },
  {
    name: 'a cancellation elsewhere',
    most: 4,
    prepare: begun,
    act: (broker, world, id) => broker.cancelFileTransfer(callerFor(world.sender), id),
  },
  // Two changes, of which the second begins with what the first has left, and the bytes between them.
  {
    name: 'an upload of a small file, published in its answer',
    most: 6,
    prepare: none,
    see: initialize,
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
  test.each(rows)('$name: $most at most', async (row) => {
    expect(await roundsOf(await makeWorld(), row)).toBeLessThanOrEqual(row.most)
  })
})
