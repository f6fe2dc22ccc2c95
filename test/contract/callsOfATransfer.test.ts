import { expect, test } from 'vitest'
import type { Table } from '../../src/adapters/tableService/table.js'
import { tables } from '../../src/config.js'
import { crashStack, type World } from '../support/crashStack.js'
import { CONTENT, requestOf, scanEvent } from '../support/crashStory.js'
import { type FaultInjector, faultInjector, type Service } from '../support/faultyClients.js'
import { callerFor, uploadOf } from '../support/memoryBroker.js'
import { good } from '../support/tus.js'

const makeWorld = crashStack()

/** Lets everything through, and counts what goes where. `inbox`: those of `table` that go to inboxes. */
function counting(): { injector: FaultInjector; counts: Record<Service | 'inbox', number> } {
  const counts = { table: 0, blob: 0, bus: 0, altinn: 0, inbox: 0 }
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

/** A table; of that of inboxes, the calls are counted that a transfer makes. */
function countedTable(table: Table, name: string, counts: { inbox: number }): Table {
  if (name !== tables.inboxChanges) return table
  function count<Given extends unknown[], Answer>(send: (...given: Given) => Answer) {
    return (...given: Given) => {
      counts.inbox++
      return send(...given)
    }
  }
  return { ...table, getEntity: count(table.getEntity), submitTransaction: count(table.submitTransaction) }
}

/** The calls of so many transfers at a time, each from its beginning to its purge, for one of them. */
async function callsOfEach(transfers: number) {
  const world = await makeWorld()
  const { injector: counted, counts } = counting()
  const clients = world.clientsFor(counted)
  const process = world.start(counted, counted, {
    ...clients,
    table: (name) => countedTable(clients.table(name), name, counts),
  })
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
  { transfers: 1, most: { table: 60, blob: 3, bus: 2, altinn: 16, inbox: 3 } },
  { transfers: 64, most: { table: 35, blob: 3, bus: 2, altinn: 16, inbox: 1 } },
])('$transfers at a time cost no more calls to other services each than $most', async ({ transfers, most }) => {
  const calls = await callsOfEach(transfers)

  expect(calls.inbox).toBeGreaterThan(0)
  for (const [service, atMost] of Object.entries(most)) expect(calls[service], service).toBeLessThanOrEqual(atMost)
})
