import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { ok } from '../../../src/domain/result.js'
import type { Ports } from '../../../src/usecases/broker.js'
import { memoryWorld, scanOf, type World } from '../../support/memoryBroker.js'
import { all, anyOrganizations, initialized, kari, ola, sender } from '../../support/samples.js'

const down = () => Promise.reject(new Error('It is down.'))

/** A process that commits, and dies before any side effect. */
const dying = ({ searchIndex, messages, outbox, blobs, statistics }: Ports): Partial<Ports> => ({
  statistics: { ...statistics, merge: down },
  searchIndex: { ...searchIndex, project: down },
  messages: { ...messages, notifyOfChange: down, deliver: down, checkUpload: down },
  outbox: { ...outbox, remove: down },
  blobs: { ...blobs, remove: down },
})

/** A transfer that was committed, and nothing else. */
async function cutOff(world: World) {
  const { transfer, facts } = initialized()
  const broker = world.start(dying)
  await broker.commits.create(transfer, facts)
  await broker.settled()
  return transfer
}

/** The recipients of whom the statistics know that a transfer was sent to them, and how often each has downloaded. */
const countedIn = async ({ stores }: World, id: string) =>
  (await all(stores.statistics.ofMonth('2026-03')))
    .filter(({ fileTransferId }) => fileTransferId === id)
    .map(({ recipient, downloads }) => [recipient, downloads?.last ?? 0])

const entriesOf = (world: World) => all(world.stores.outbox.all())
/** What was sent, as `queue id`, but that events go by their facts. */
const sentIn = (world: World) =>
  world.stores.messages
    .sent()
    .map(({ entity, messageId, body }) => {
      const { event } = JSON.parse(body)
      return event ? `event ${event.fileTransferId}-${event.sequence}` : `${entity} ${messageId}`
    })
    .toSorted()

describe('resuming committed changes', () => {
  test('runs the side effects of a commit whose process died, and removes its outbox entry', async () => {
    const world = await memoryWorld()
    const { id } = await cutOff(world)
    expect(world.stores.searchIndex.rows()).toEqual([])
    world.advance(30)

    const resumed = await world.broker.resumeCommittedChanges()

    expect(resumed).toBe(1)
    expect(sentIn(world)).toEqual([`event ${id}-1`])
    expect(await countedIn(world, id)).toEqual([
      [kari, 0],
      [ola, 0],
    ])
    expect(world.stores.searchIndex.rows()).toHaveLength(3)
    expect(await entriesOf(world)).toEqual([])
    const details = { fileTransferId: id, sequence: 1 }
    expect(world.log).toContainEqual(expect.objectContaining({ event: 'outbox.resumed', details }))
  })

  test('is held up by no inbox that cannot be written: the entry stays until it can', async () => {
    const world = await memoryWorld()
    const id = await world.uploaded({ recipients: [kari, ola], disableVirusScan: false })
    const dead = world.start((given) => ({
      ...dying(given),
      inbox: { ...given.inbox, append: down },
    }))
    await dead.recordScanResult(scanOf((await world.read(id)).transfer))
    await dead.settled()
    world.advance(30)
    const ofKari = world.start(({ inbox }) => ({
      inbox: { ...inbox, append: (who, ...rest) => (who === kari ? down() : inbox.append(who, ...rest)) },
    }))

    await expect(ofKari.resumeCommittedChanges()).rejects.toThrow('down')
    const { sequence } = (await world.read(id)).transfer
    expect(sentIn(world)).toContain(`event ${id}-${sequence}`)
    expect(world.stores.searchIndex.rows().map((row) => row.sequence)).toEqual([sequence, sequence, sequence])
    expect([(await world.stores.inbox.head(kari)).last, (await world.stores.inbox.head(ola)).last]).toEqual([0, 1])
    expect(await entriesOf(world)).toHaveLength(1)

    expect(await world.broker.resumeCommittedChanges()).toBe(1)
    expect((await world.stores.inbox.head(kari)).last).toBe(1)
    expect(await entriesOf(world)).toEqual([])
  })

  test('leaves a change alone that is younger than 30 seconds', async () => {
    const world = await memoryWorld()
    await cutOff(world)
    world.advance(29.999)

    expect(await world.broker.resumeCommittedChanges()).toBe(0)

    expect(world.stores.messages.sent()).toEqual([])
    expect(await entriesOf(world)).toHaveLength(1)
  })

  test('keeps an entry without facts for ten minutes, since its commit may be under way', async () => {
    const world = await memoryWorld()
    const entry = { changeId: randomUUID(), fileTransferId: randomUUID(), first: 1 }
    await world.stores.outbox.add(entry, [])

    world.advance(600)
    expect(await world.broker.resumeCommittedChanges()).toBe(0)
    expect(await entriesOf(world)).toHaveLength(1)

    world.advance(0.001)
    expect(await world.broker.resumeCommittedChanges()).toBe(0)
    expect(await entriesOf(world)).toEqual([])
  })

  test('removes the search rows of a transfer whose commit never came', async () => {
    const world = await memoryWorld()
    const { transfer, facts } = initialized()
    const broker = world.start(({ transfers }) => ({ transfers: { ...transfers, commit: down } }))
    await expect(broker.commits.create(transfer, facts)).rejects.toThrow('It is down.')
    await broker.settled()
    expect(world.stores.searchIndex.rows()).toHaveLength(3)

    world.advance(600)
    await world.broker.resumeCommittedChanges()
    expect(world.stores.searchIndex.rows()).toHaveLength(3)

    world.advance(1)
    await world.broker.resumeCommittedChanges()
    expect(world.stores.searchIndex.rows()).toEqual([])
    expect(await entriesOf(world)).toEqual([])
  })

  test('takes the facts of another change for none of its own', async () => {
    const world = await memoryWorld()
    const id = await world.begin()
    await world.stores.outbox.add({ changeId: randomUUID(), fileTransferId: id, first: 1 }, [])
    world.advance(60)

    expect(await world.broker.resumeCommittedChanges()).toBe(0)

    expect(await entriesOf(world)).toHaveLength(1)
  })

  test('publishes the facts of the change alone, with the transfer as it is now', async () => {
    const world = await memoryWorld()
    const { id } = await cutOff(world)
    const download = await world.broker.commits.change(await world.read(id), (_, at) =>
      ok([{ type: 'DownloadStarted', number: 1, recipient: kari, at }]),
    )
    await world.broker.settled()
    expect(download.ok).toBe(true)
    world.advance(60)

    await world.broker.resumeCommittedChanges()

    const rows = world.stores.searchIndex.rows()
    expect(rows.map(({ actor, sequence }) => [actor.organization, sequence]).toSorted()).toEqual(
      [
        [sender, 1],
        [kari, 2],
        [ola, 1],
      ].toSorted(),
    )
    expect(rows.find(({ actor }) => actor.organization === kari)?.timelines).toContainEqual(
      expect.objectContaining({ recipientStatus: 'DownloadStarted' }),
    )
    expect(sentIn(world)).toEqual([`event ${id}-1`])
    expect(await countedIn(world, id)).toEqual([
      [kari, 1],
      [ola, 0],
    ])
  })

  test('keeps the entry when a side effect fails again, and says so', async () => {
    const world = await memoryWorld()
    await cutOff(world)
    world.advance(60)
    const broken = world.start(({ messages }) => ({ messages: { ...messages, notifyOfChange: down } }))

    await expect(broken.resumeCommittedChanges()).rejects.toThrow('It is down.')

    expect(await entriesOf(world)).toHaveLength(1)
    expect(await world.broker.resumeCommittedChanges()).toBe(1)
  })

  test('is not held up by a change whose side effects fail', async () => {
    const world = await memoryWorld()
    const transfers = []
    for (let i = 0; i < 20; i++) transfers.push(await cutOff(world))
    const [poisoned, ...others] = transfers
    world.advance(60)
    const broken = world.start(({ messages }) => ({
      messages: {
        ...messages,
        notifyOfChange: (said) => (said.fileTransferId === poisoned?.id ? down() : messages.notifyOfChange(said)),
      },
    }))

    await broken.resumeCommittedChanges().catch(() => {})

    for (const { id } of others) expect(await countedIn(world, id)).toHaveLength(2)
    expect(await entriesOf(world)).toMatchObject([{ fileTransferId: poisoned?.id }])
  })

  test('marks what it has published again, also where the events are many', async () => {
    const world = await memoryWorld()
    const id = await world.uploaded({ recipients: anyOrganizations(30) })
    await world.work()
    const broker = world.start(dying)
    await broker.recordScanResult(scanOf((await world.read(id)).transfer))
    await broker.settled()
    world.advance(60)

    await world.broker.resumeCommittedChanges()

    const notifications = world.stores.messages.take(world.clock.now).filter(({ entity }) => entity === 'facts')
    expect(notifications.map(({ body }) => JSON.parse(body))).toMatchObject([{ isRepeated: true }])
  })

  test('may be done by several processes at once', async () => {
    const world = await memoryWorld()
    const { id } = await cutOff(world)
    world.advance(60)

    await Promise.all([world.start().resumeCommittedChanges(), world.start().resumeCommittedChanges()])

    expect(sentIn(world)).toEqual([`event ${id}-1`])
    expect(await countedIn(world, id)).toHaveLength(2)
    expect(await entriesOf(world)).toEqual([])
  })
})
