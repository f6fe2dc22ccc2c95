import { expect, test } from 'vitest'
import { crashStack, type World } from '../support/crashStack.js'
import { CONTENT, requestOf, scanEvent } from '../support/crashStory.js'
import { type FaultInjector, faultInjector, type Service } from '../support/faultyClients.js'
import { callerFor, uploadOf } from '../support/memoryBroker.js'
import { good } from '../support/tus.js'

const makeWorld = crashStack()

/** Lets everything through, and counts what goes where. */
function counting(): { injector: FaultInjector; counts: Record<Service, number> } {
  const counts = { table: 0, blob: 0, bus: 0, altinn: 0 }
  const intercept: FaultInjector['intercept'] = async (send, to = 'table') => {
    counts[to]++
    return send()
  }
  return { injector: { ...faultInjector(), intercept }, counts }
}

/** A file transfer from its beginning to its last confirmation, with everything that follows. */
async function throughItsLife(world: World, { broker, settled }: Process, label: string): Promise<string> {
  const { sender, stores } = world
  const request = requestOf(world, label, { disableVirusScan: false })
  const id = good(await broker.initializeFileTransfer(callerFor(sender), request, undefined))
  good(await broker.uploadFile(callerFor(sender), id, uploadOf(CONTENT)))
  await settled()
  const read = await stores.transfers.read(id)
  if (!read || !('file' in read.transfer) || !read.transfer.file) throw new Error('There is no file.')
  await broker.receiveScanResults([await scanEvent(world, read.transfer, read.transfer.file.attemptId, 'Clean')])
  return id
}

async function received({ kari }: World, { broker }: Process, id: string) {
  const download = good(await broker.downloadFile(callerFor(kari), id, undefined))
  await Array.fromAsync(download.source.bytes)
  good(await broker.confirmDownload(callerFor(kari), id))
}

type Process = ReturnType<World['start']>

/** The calls of so many transfers at a time, each from its beginning to its purge, for one of them. */
async function callsOfEach(transfers: number) {
  const world = await makeWorld()
  const { injector: counted, counts } = counting()
  const process = world.start(counted)
  const { broker, settled } = process
  await broker.getServiceOwner(callerFor(world.owner)) // cached from then on
  // What the timer reads, whatever there is.
  const before = { ...counts }
  await broker.expireDue()
  const tick = counts.table - before.table
  Object.assign(counts, before)

  const labels = Array.from({ length: transfers }, (_, number) => `number ${number}`)
  const ids = await Promise.all(labels.map((label) => throughItsLife(world, process, label)))
  await world.pump.empty(broker, settled)
  await Promise.all(ids.map((id) => received(world, process, id)))
  await world.pump.empty(broker, settled)
  world.advance(2 * 3600)
  await broker.expireDue()
  await world.pump.empty(broker, settled)

  for (const id of ids) expect((await world.stores.transfers.read(id))?.transfer.status).toBe('Purged')
  counts.table -= tick
  return Object.fromEntries(Object.entries(counts).map(([service, calls]) => [service, calls / transfers]))
}

// docs/scale.md reckons with these numbers: what one deployment carries follows from them.
test.each([
  { transfers: 1, most: { table: 60, blob: 3, bus: 2, altinn: 16 } },
  { transfers: 64, most: { table: 35, blob: 3, bus: 2, altinn: 16 } },
])('$transfers at a time cost no more calls to other services each than $most', async ({ transfers, most }) => {
  const calls = await callsOfEach(transfers)

  for (const [service, atMost] of Object.entries(most)) expect(calls[service], service).toBeLessThanOrEqual(atMost)
})
