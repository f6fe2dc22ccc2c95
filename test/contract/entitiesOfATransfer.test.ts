import type { TableClient, TransactionAction } from '@azure/data-tables'
import { expect, test } from 'vitest'
import { tableSearchIndex } from '../../src/adapters/tables/tableSearchIndex.js'
import { azuriteTables } from '../support/azurite.js'
import { callerFor, memoryWorld, scanOf, uploadOf } from '../support/memoryBroker.js'
import { kari, request, sender } from '../support/samples.js'
import { good } from '../support/tus.js'

const makeTable = azuriteTables()

/** A table, and how many entities were written to each of its partitions, one after the other or in transactions. */
function counting(table: TableClient) {
  const written = new Map<string, number>()
  const count = (partition: string | undefined, entities: number) =>
    written.set(partition ?? '', (written.get(partition ?? '') ?? 0) + entities)
  const counted: Partial<TableClient> = {
    submitTransaction(actions: TransactionAction[]) {
      count(actions[0]?.[1].partitionKey, actions.length)
      return table.submitTransaction(actions)
    },
    createEntity(entity) {
      count(entity.partitionKey, 1)
      return table.createEntity(entity)
    },
    deleteEntity(partition, row) {
      count(partition, 1)
      return table.deleteEntity(partition, row)
    },
  }
  const client = new Proxy(table, {
    get: (target, name) => Reflect.get(counted, name) ?? Reflect.get(target, name).bind?.(target),
  })
  return { client, written }
}

// docs/scale.md reckons with these numbers: a partition takes 2,000 entities a second.
test('the search rows of a transfer with a scan cost its sender 25 entities, and its recipient 58', async () => {
  const world = await memoryWorld()
  const { client, written } = counting(await makeTable())
  const broker = world.start(() => ({ searchIndex: tableSearchIndex(client) }))

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
