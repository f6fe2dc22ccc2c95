import { expect, test } from 'vitest'
import { tables } from '../../src/config.js'
import { storedIn } from '../support/crashInvariants.js'
import { crashStack, type World } from '../support/crashStack.js'
import { requestOf } from '../support/crashStory.js'
import { FAULTS, type FaultInjector, faultInjector, injectEach, withWrites } from '../support/faultyClients.js'
import { callerFor } from '../support/memoryBroker.js'
import { good } from '../support/tus.js'

const makeWorld = crashStack()

/** A process whose calls for resources have a fault, and whose sender meets the limit of the search partition. */
function startBusy(world: World, injector: FaultInjector) {
  const [clients, faulty] = [world.clientsFor(faultInjector()), world.clientsFor(injector)]
  const table = (name: string) => {
    if (name === tables.resources) return faulty.table(name)
    if (name !== tables.transfersByActor) return clients.table(name)
    return withWrites(clients.table(name), (partition) => {
      if (!partition.startsWith(world.sender)) return
      throw Object.assign(new Error('The server is busy.'), { statusCode: 503, code: 'ServerBusy' })
    })
  }
  return world.start(injector, faultInjector(), { ...clients, table })
}

/** What this process finds of the sender's, by a cache of its own. */
async function foundIn(world: World): Promise<string[]> {
  const { broker } = world.start()
  const asked = { resourceId: world.resource.id, role: 'Sender' as const }
  return good(await broker.searchFileTransfers(callerFor(world.sender), asked, undefined)).ids.toSorted()
}

test('a process that dies while it doubles search partitions leaves them whole, and every transfer is found', async () => {
  const outcomes = new Set<number | undefined>()

  await injectEach(FAULTS, async (injector, name) => {
    const world = await makeWorld()
    const { broker, settled } = startBusy(world, injector)
    for (let i = 0; i < 4; i++) {
      const request = requestOf(world, `number ${i}`)
      await broker.initializeFileTransfer(callerFor(world.sender), request).catch(() => {})
      await settled()
    }
    world.advance(660)
    await world.recovering.broker.resumeCommittedChanges()

    const { searchPartitions } = (await world.stores.resources.read(world.resource.id))?.resource ?? {}
    outcomes.add(searchPartitions)
    expect([undefined, 2], name).toContain(searchPartitions)
    const stored = await storedIn(world)
    expect(await foundIn(world), name).toEqual(stored.map(({ transfer }) => transfer.id).toSorted())
  })

  expect(outcomes).toEqual(new Set([undefined, 2]))
})
