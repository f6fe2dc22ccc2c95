import { expect, test } from 'vitest'
import { crashStack } from '../support/crashStack.js'
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

// docs/scale.md reckons with these numbers: what one deployment carries follows from them.
test('a file transfer from its beginning to its purge costs no more calls to other services than these', async () => {
  const world = await makeWorld()
  const { injector: counted, counts } = counting()
  const { broker, settled } = world.start(counted)
  const { sender, kari, pump, stores } = world
  await broker.getServiceOwner(callerFor(world.owner)) // cached from then on
  const request = requestOf(world, 'one', { disableVirusScan: false })

  const id = good(await broker.initializeFileTransfer(callerFor(sender), request, undefined))
  good(await broker.uploadFile(callerFor(sender), id, uploadOf(CONTENT)))
  await settled()
  const read = await stores.transfers.read(id)
  if (!read || !('file' in read.transfer) || !read.transfer.file) throw new Error('There is no file.')
  await broker.receiveScanResults([await scanEvent(world, read.transfer, read.transfer.file.attemptId, 'Clean')])
  await pump.empty(broker, settled)
  const download = good(await broker.downloadFile(callerFor(kari), id, undefined))
  await Array.fromAsync(download.source.bytes)
  good(await broker.confirmDownload(callerFor(kari), id))
  await pump.empty(broker, settled)
  world.advance(2 * 3600)
  await broker.expireDue()
  await pump.empty(broker, settled)

  expect((await stores.transfers.read(id))?.transfer.status).toBe('Purged')
  const most = { table: 98, blob: 3, bus: 14, altinn: 16 }
  for (const [service, calls] of Object.entries(most)) {
    expect(counts[service as Service], service).toBeLessThanOrEqual(calls)
  }
})
