import { expect, test } from 'vitest'
import { tableSearchIndex } from '../../src/adapters/tables/tableSearchIndex.js'
import { azuriteTables } from '../support/azurite.js'
import { withWrites } from '../support/faultyClients.js'
import { callerFor, memoryWorld, scanOf, uploadOf } from '../support/memoryBroker.js'
import { kari, request, sender } from '../support/samples.js'
import { good } from '../support/tus.js'

const makeTable = azuriteTables()

// docs/scale.md reckons with these numbers: a partition takes 2,000 entities a second.
test('the search rows of a transfer with a scan cost its sender 25 entities, and its recipient 58', async () => {
  const world = await memoryWorld()
  const written = new Map<string, number>()
  const table = withWrites(await makeTable(), (partition, entities) =>
    written.set(partition, (written.get(partition) ?? 0) + entities),
  )
  const broker = world.start(() => ({ searchIndex: tableSearchIndex(table) }))

  const id = good(await broker.initializeFileTransfer(callerFor(sender), request({ recipients: [kari] })))
  good(await broker.uploadFile(callerFor(sender), id, uploadOf('hello')))
  await world.work(broker)
  await broker.recordScanResult(scanOf((await world.read(id)).transfer))
  await world.work(broker)
  good(await broker.downloadFile(callerFor(kari), id, undefined))
  good(await broker.confirmDownload(callerFor(kari), id))
  await world.work(broker)
  world.advance(2 * 3600)
  await broker.expireDue()
  await world.work(broker)

  expect((await world.read(id)).transfer.status).toBe('Purged')
  expect(Object.fromEntries(written)).toEqual({ [`${sender}:bilag`]: 25, [`${kari}:bilag`]: 58 })
})
