import { expect, test } from 'vitest'
import { cachedResources } from '../../src/adapters/tables/cachedResources.js'
import { tableSearchIndex } from '../../src/adapters/tables/tableSearchIndex.js'
import { azuriteTables } from '../support/azurite.js'
import { throttledTable } from '../support/faultyClients.js'
import { allFoundBy, type Broker, callerFor, memoryWorld } from '../support/memoryBroker.js'
import { anyOrganization, request, sender } from '../support/samples.js'
import { good } from '../support/tus.js'

const makeTable = azuriteTables()

/** So many entities a second a partition takes here; a new transfer has five for its sender. */
const MOST = 100
const TRANSFERS_A_SECOND = 40

const foundBy = async (broker: Broker) => (await allFoundBy(broker, sender)).toSorted()

test('a party that sends twice as much as a partition takes gets more partitions, and every transfer is found', async () => {
  const { clock, stores, start, advance, log, read } = await memoryWorld()
  const table = throttledTable(await makeTable(), MOST, () => clock.now)
  const process = () =>
    start(() => ({
      searchIndex: tableSearchIndex(table),
      resources: cachedResources(stores.resources, () => clock.now),
    }))
  const [broker, another] = [process(), process()]
  const initialize = async () =>
    good(await broker.initializeFileTransfer(callerFor(sender), request({ recipients: [anyOrganization()] })))
  const begun: string[] = []
  const growth = () => log.filter(({ event }) => event === 'resource.searchPartitionsDoubled').length

  let quiet = 0
  for (let second = 0; quiet < 5 && second < 120; second++) {
    const before = table.refusals()
    begun.push(...(await Promise.all(Array.from({ length: TRANSFERS_A_SECOND }, initialize))))
    await broker.settled()
    quiet = table.refusals() === before ? quiet + 1 : 0
    advance(1)
  }
  expect(quiet).toBe(5)
  const { searchPartitions } = (await stores.resources.read('bilag'))?.resource ?? {}
  expect([2, 4, 8]).toContain(searchPartitions)
  expect(searchPartitions).toBe(2 ** growth())
  const used = new Set(
    await Promise.all(begun.slice(-200).map(async (id) => (await read(id)).transfer.searchPartition)),
  )
  expect(used.size).toBe(searchPartitions)

  // What was refused is resumed, as the timer does.
  advance(30)
  for (let tick = 0; tick < 30 && (await broker.resumeCommittedChanges().catch(() => 1)) > 0; tick++) advance(1)
  expect(await foundBy(broker)).toEqual(begun.toSorted())
  expect(await foundBy(another)).toEqual(begun.toSorted())
})
