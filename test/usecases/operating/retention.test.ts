import { describe, expect, test } from 'vitest'
import { err } from '../../../src/domain/result.js'
import type { Ports } from '../../../src/usecases/broker.js'
import type { Broker, World } from '../../support/memoryBroker.js'
import { callerFor, memoryWorld } from '../../support/memoryBroker.js'
import { all, kari, later, organization, sender } from '../../support/samples.js'

const DAY = 86_400
const resourceId = 'bilag'
const down = () => Promise.reject(new Error('The process has died.'))

/** A process that keeps purged transfers in searches for 10 days, and at all for 20. */
const keeping = (world: World, change: (ports: Ports) => Partial<Ports> = () => ({})): Broker =>
  world.start((ports) => ({ retention: { searchDays: 10, metadataDays: 20 }, ...change(ports) }))

async function tick(world: World, broker: Broker) {
  await broker.expireDue()
  await world.work(broker)
}

/** A transfer that has been purged at this moment. */
async function purged(world: World, broker: Broker, recipients = [kari]) {
  const id = await world.published({ recipients })
  world.advance(30 * DAY)
  await tick(world, broker)
  expect((await world.read(id)).transfer.status).toBe('Purged')
  return id
}

async function foundBy(world: World, who = sender) {
  const found = await world.broker.searchFileTransfers(callerFor(who), { resourceId }, undefined)
  return found.ok ? found.value.ids : found
}
const dueKinds = async ({ stores }: World) => (await all(stores.due.dueBy(later(900 * DAY)))).map(({ kind }) => kind)

describe('a purged transfer', () => {
  test('is found by its actors for as long as is stated, and by its id after that', async () => {
    const world = await memoryWorld()
    const broker = keeping(world)
    const id = await purged(world, broker)

    world.advance(10 * DAY - 1)
    await tick(world, broker)
    expect([await foundBy(world), await foundBy(world, kari)]).toEqual([[id], [id]])

    world.advance(1)
    await tick(world, broker)
    expect([await foundBy(world), await foundBy(world, kari)]).toEqual([[], []])
    expect(await broker.getFileTransfer(callerFor(kari), id)).toMatchObject({ ok: true, value: { status: 'Purged' } })
    expect(await dueKinds(world)).toEqual(['forget'])
  })

  test('is forgotten with all that belongs to it when its time has come', async () => {
    const world = await memoryWorld()
    const broker = keeping(world)
    const id = await purged(world, broker)
    world.advance(10 * DAY)
    await tick(world, broker)

    world.advance(10 * DAY)
    await tick(world, broker)

    expect(await broker.getFileTransfer(callerFor(sender), id)).toEqual(err('FileTransferNotFound'))
    expect(world.stores.searchIndex.rows()).toEqual([])
    expect(await dueKinds(world)).toEqual([])
    expect(await world.factsOf(id)).toEqual([])
  })

  test('is told to nobody again when it leaves the searches or the store', async () => {
    const world = await memoryWorld()
    const broker = keeping(world)
    await purged(world, broker)
    const told = world.posted.length

    world.advance(10 * DAY)
    await tick(world, broker)
    world.advance(10 * DAY)
    await tick(world, broker)

    expect(world.posted).toHaveLength(told)
  })

  test('leaves the searches of very many recipients too', async () => {
    const world = await memoryWorld()
    const broker = keeping(world)
    const many = Array.from({ length: 60 }, (_, i) => organization(String(910_001_000 + i)))
    await purged(world, broker, many)

    world.advance(10 * DAY)
    await tick(world, broker)

    expect(world.stores.searchIndex.rows().flatMap(({ timelines }) => timelines)).toEqual([])
  })

  test('does not come back to the searches by what is carried out late', async () => {
    const world = await memoryWorld()
    const broker = keeping(world)
    const id = await purged(world, broker)
    const late = world.stores.searchIndex.rows()
    const first = (await world.read(id)).transfer.sequence
    const changeId = (await world.stores.transfers.changeIdAt(id, first)) ?? ''
    world.advance(10 * DAY)
    await tick(world, broker)

    await world.stores.outbox.add({ changeId, fileTransferId: id, first }, [])
    world.advance(600)
    expect(await broker.resumeCommittedChanges()).toBe(1)
    await broker.doDeferredWork({ work: 'projectSearch', fileTransferId: id, sequence: first })
    for (const row of late) await world.stores.searchIndex.project(row)
    await world.work(broker)

    expect([await foundBy(world), await foundBy(world, kari)]).toEqual([[], []])
  })

  const cuts: { where: string; change: (ports: Ports) => Partial<Ports> }[] = [
    { where: 'at the search rows', change: ({ searchIndex }) => ({ searchIndex: { ...searchIndex, remove: down } }) },
    { where: 'at the state', change: ({ removal }) => ({ removal: { ...removal, remove: down } }) },
    {
      where: 'just after the state',
      change: ({ removal }) => ({ removal: { ...removal, remove: (id, read) => removal.remove(id, read).then(down) } }),
    },
    {
      where: 'at the delivery log',
      change: ({ deliveryLog }) => ({ deliveryLog: { ...deliveryLog, remove: down } }),
    },
    { where: 'at the due rows', change: ({ due }) => ({ due: { ...due, replace: down } }) },
  ]
  test.each(cuts)('is forgotten though that was cut off $where', async ({ change }) => {
    const world = await memoryWorld()
    const id = await purged(world, keeping(world))
    world.advance(10 * DAY)
    await tick(world, keeping(world))
    world.advance(10 * DAY)

    await expect(tick(world, keeping(world, change))).rejects.toThrow('died')
    world.advance(600)
    await tick(world, keeping(world))

    expect(await world.stores.transfers.read(id)).toBeUndefined()
    expect(world.stores.searchIndex.rows()).toEqual([])
    expect(await world.stores.deliveryLog.ofFileTransfer(id)).toEqual(new Map())
    expect(await dueKinds(world)).toEqual([])
  })

  test('finishes the removal of the rows that were left without a state', async () => {
    const world = await memoryWorld()
    const removed: unknown[] = []
    const broker = keeping(world, ({ removal }) => ({
      removal: {
        ...removal,
        remove: (id, read) => {
          removed.push(read)
          return removal.remove(id, read)
        },
      },
    }))
    const id = await purged(world, broker)
    world.advance(10 * DAY)
    await tick(world, broker)
    await world.stores.transfers.remove(id, (await world.read(id)).version)
    world.advance(10 * DAY)

    await tick(world, broker)

    expect(removed).toEqual([undefined])
    expect(await dueKinds(world)).toEqual([])
  })

  test('stays in searches and store when no time is set', async () => {
    const world = await memoryWorld()
    const id = await purged(world, world.broker)
    world.advance(800 * DAY)

    await tick(world, world.broker)

    expect(await foundBy(world)).toEqual([id])
  })
})
