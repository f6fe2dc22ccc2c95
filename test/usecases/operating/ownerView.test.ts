import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { dayOf } from '../../../src/domain/projections/activity.js'
import { statusOf } from '../../../src/domain/projections/activityReport.js'
import { newResource, type Resource } from '../../../src/domain/resource.js'
import { ok } from '../../../src/domain/result.js'
import { callerFor, memoryWorld } from '../../support/memoryBroker.js'
import { anyOrganization, at, kari, later, ola, owner, request, sender } from '../../support/samples.js'

/** What a use case has found. @throws when it refuses. */
function found<Value>(result: { ok: true; value: Value } | { ok: false; reason: unknown }): Value {
  if (!result.ok) throw new Error(String(result.reason))
  return result.value
}

/** Two service owners with a resource each, and a stranger. */
async function worldOfTwo(given: Partial<Resource> = {}) {
  const world = await memoryWorld(given)
  const other = anyOrganization()
  await world.stores.serviceOwners.add({ organization: other, name: 'Annen', storageReadyAt: undefined })
  const activity = async (organization = owner) => found(await world.broker.getOwnerActivity(callerFor(organization)))
  return { ...world, other, activity }
}

describe('the view of a service owner', () => {
  test('is refused to others', async () => {
    const { broker } = await worldOfTwo()
    const views = [
      broker.getOwnerActivity,
      broker.getOwnerStatistics,
      broker.listOwnerResources,
      broker.listOwnerDeadLetters,
      (caller: ReturnType<typeof callerFor>) => broker.replayOwnerDeadLetters(caller, ['a']),
    ]

    for (const view of views) {
      expect(await view(callerFor(kari))).toEqual({ ok: false, reason: 'ServiceOwnerNotFound' })
      expect(await view(callerFor(undefined))).toEqual({ ok: false, reason: 'CallerOrganizationIdNotFound' })
    }
  })

  test('counts the transfers of today by status, and nothing of another owner', async () => {
    const world = await worldOfTwo()
    await world.published()
    await world.begin()
    await world.broker.settled()

    const { days, countedAt } = await world.activity()

    expect(days.map(({ day }) => day).slice(0, 2)).toEqual(['2026-03-01', '2026-02-28'])
    expect(days).toHaveLength(8)
    expect(countedAt).toEqual(at)
    expect(days[0]?.statuses).toMatchObject({ Initialized: 1, Published: 1 })
    expect(days[0]?.resources.map(({ resourceId }) => resourceId)).toEqual(['bilag'])
    expect((await world.activity(world.other)).days.map(({ fileTransfers }) => fileTransfers)).toEqual(Array(8).fill(0))
    expect(found(await world.broker.listOwnerResources(callerFor(world.other))).resources).toEqual([])
  })

  test('of a resource that changes its owner: earlier transfers stay, settings and later transfers move', async () => {
    const world = await worldOfTwo()
    await world.published()
    const before = await world.stores.resources.read('bilag')
    found(await world.broker.registerServiceOwner(callerFor(world.other), 'Annen'))
    await world.stores.resources.save({ ...newResource('bilag', world.other) }, before?.version)
    const begun = await world.begin()
    await world.broker.settled()

    const resourcesOf = async (organization: typeof owner) =>
      found(await world.broker.listOwnerResources(callerFor(organization))).resources.map(({ id }) => id)
    const todayOf = async (organization: typeof owner) => (await world.activity(organization)).days[0]?.statuses

    expect((await world.read(begun)).transfer.serviceOwner).toBe(world.other)
    expect([await resourcesOf(owner), await resourcesOf(world.other)]).toEqual([[], ['bilag']])
    expect(await todayOf(owner)).toMatchObject({ Initialized: 0, Published: 1 })
    expect(await todayOf(world.other)).toMatchObject({ Initialized: 1, Published: 0 })
  })

  test('has the statuses of the transfers themselves, of a withdrawn and of an expired one', async () => {
    const world = await worldOfTwo({ timeToLiveSeconds: 86_400 })
    const ids = [await world.published(), await world.published()]
    const statuses = async () => {
      const rows = await Array.fromAsync(world.stores.activity.ofDay(dayOf(at), owner))
      const own = await Promise.all(ids.map(async (id) => (await world.read(id)).transfer.status))
      expect(rows.map(statusOf).toSorted()).toEqual(own.toSorted())
      return own
    }

    found(await world.broker.cancelFileTransfer(callerFor(sender), ids[0] ?? '', 'It is the wrong file.'))
    await world.work()
    expect(await statuses()).toEqual(['Cancelled', 'Published'])
    world.clock.now = later(2 * 86_400)
    await world.broker.expireDue()
    await world.work()
    expect((await statuses())[1]).toBe('Purged')
  })

  test('is cached for some seconds', async () => {
    const world = await worldOfTwo()
    await world.activity()
    await world.begin()

    world.clock.now = later(14)
    expect((await world.activity()).days[0]?.fileTransfers).toBe(0)
    world.clock.now = later(16)
    expect((await world.activity()).days[0]?.fileTransfers).toBe(1)
  })

  test('tells which complete files are late, and which deadlines are overdue', async () => {
    const world = await worldOfTwo()
    const id = await world.uploaded()
    const begun = await world.begin()

    world.clock.now = later(4300)
    const { late } = await world.activity()

    expect(late.files).toEqual([{ fileTransferId: id, resourceId: 'bilag', since: at }])
    // Nobody has applied them here.
    expect(late.deadlines.map(({ fileTransferId }) => fileTransferId)).toContain(id)
    expect(late.deadlines.map(({ fileTransferId }) => fileTransferId)).not.toContain(begun)
    expect((await world.activity(world.other)).late).toEqual({ files: [], events: [], deadlines: [], isCapped: false })
  })

  test('tells which events have not reached their receiver, until they have', async () => {
    const world = await worldOfTwo()
    let answer = 500
    const broker = world.start(() => ({ receiver: { post: async () => answer } }))
    found(await broker.initializeFileTransfer(callerFor(sender), request({ recipients: [ola] }), undefined))
    await broker.settled()

    world.clock.now = later(90)
    const events = async () => found(await broker.getOwnerActivity(callerFor(owner))).late.events
    expect(await events()).toMatchObject([
      { type: 'filetransferinitialized', organization: sender, last: { status: 'Waiting' } },
    ])

    answer = 200
    world.clock.now = later(600)
    await world.work(broker)
    expect(await events()).toEqual([])
  })

  test('is removed after two weeks, and nothing is written later than that', async () => {
    const world = await worldOfTwo()
    const id = await world.published()
    const { activity } = world.stores

    world.clock.now = later(15 * 86_400)
    await world.broker.refreshStatistics()
    expect(await Array.fromAsync(activity.ofDay('2026-03-01', owner))).toEqual([])
    await Array.fromAsync(found(await world.broker.downloadFile(callerFor(kari), id, undefined)).source.bytes)
    found(await world.broker.confirmDownload(callerFor(kari), id))
    await world.broker.settled()
    expect(await Array.fromAsync(activity.ofDay('2026-03-01', owner))).toEqual([])
  })

  test('is completed by a message when the table did not take it', async () => {
    const world = await worldOfTwo()
    const broker = world.start(({ activity }) => ({
      activity: { ...activity, record: () => Promise.reject(new Error('The table is down.')) },
    }))
    found(await broker.initializeFileTransfer(callerFor(sender), request(), undefined))
    await broker.settled()
    expect((await world.activity()).days[0]?.fileTransfers).toBe(0)

    await world.work()
    world.clock.now = later(20)
    expect((await world.activity()).days[0]?.fileTransfers).toBe(1)
  })

  test('has the last months and the largest parties of this one', async () => {
    const world = await worldOfTwo()
    await world.published({ recipients: [kari, ola] })
    await world.published({ recipients: [kari] })
    await world.stores.closedMonths.save('2026-01', {
      readFrom: at,
      days: [
        {
          date: '2026-01-02',
          serviceOwner: owner,
          sender,
          recipient: kari,
          resourceId: 'bilag',
          isStatusMessage: false,
          fileTransfers: 7,
          sizeBytes: 70,
        },
      ],
    })

    const own = found(await world.broker.getOwnerStatistics(callerFor(owner)))
    const others = found(await world.broker.getOwnerStatistics(callerFor(world.other)))

    expect(own.months.slice(0, 3)).toEqual([
      { month: '2026-03', fileTransfers: 3, sizeBytes: 10, isCapped: false },
      { month: '2026-02', fileTransfers: 0, sizeBytes: 0, isCapped: false },
      { month: '2026-01', fileTransfers: 7, sizeBytes: 70, isCapped: false },
    ])
    expect(own.senders).toEqual([{ organization: sender, fileTransfers: 3, sizeBytes: 10 }])
    expect(own.recipients).toEqual([
      { organization: kari, fileTransfers: 2, sizeBytes: 10 },
      { organization: ola, fileTransfers: 1, sizeBytes: 5 },
    ])
    expect(others.months.every(({ fileTransfers }) => fileTransfers === 0)).toBe(true)
    expect(others.senders).toEqual([])
  })
})

describe('the dead letters of a service owner', () => {
  /** Dead letters of both owners, of a transfer that is gone, and of none. */
  async function buried() {
    const world = await worldOfTwo()
    const { transfers, deadLetters } = world.stores
    const own = await world.begin()
    const foreign = randomUUID()
    const broker = world.start(() => ({
      transfers: {
        ...transfers,
        read: async (id) => {
          const stored = await transfers.read(id === foreign ? own : id)
          return stored && id === foreign
            ? { ...stored, transfer: { ...stored.transfer, id, serviceOwner: world.other } }
            : stored
        },
      },
    }))
    for (const [messageId, fileTransferId] of Object.entries({ own, foreign, gone: randomUUID(), none: undefined })) {
      const letter = { messageId, enqueuedAt: at, reason: 'It is down.', tries: 3, fileTransferId }
      deadLetters.bury({ entity: 'due', letter, message: { entity: 'due', body: '{}' } })
    }
    const left = async () => (await deadLetters.peek('due', 10)).map(({ messageId }) => messageId)
    return { ...world, broker, left }
  }

  test('are its own, with the reason', async () => {
    const { broker, other } = await buried()
    const ids = async (organization: typeof owner) =>
      found(await broker.listOwnerDeadLetters(callerFor(organization))).letters.map(({ messageId }) => messageId)

    expect(await ids(owner)).toEqual(['own'])
    expect(await ids(other)).toEqual(['foreign'])
    expect(found(await broker.listOwnerDeadLetters(callerFor(owner))).letters).toMatchObject([
      { queue: 'due', reason: 'It is down.', tries: 3, resourceId: 'bilag' },
    ])
  })

  test('are sent again, and no others, whatever is asked for', async () => {
    const { broker, left } = await buried()
    const everything = ['own', 'foreign', 'gone', 'none']

    expect(await broker.replayOwnerDeadLetters(callerFor(owner), everything)).toEqual(ok({ replayed: 1 }))
    expect(await left()).toEqual(['foreign', 'gone', 'none'])
    expect(await broker.replayOwnerDeadLetters(callerFor(owner), everything)).toEqual(ok({ replayed: 0 }))
  })

  test('are listed no more as soon as they are sent again', async () => {
    const { broker } = await buried()
    await broker.listOwnerDeadLetters(callerFor(owner))

    await broker.replayOwnerDeadLetters(callerFor(owner), ['own'])

    expect(found(await broker.listOwnerDeadLetters(callerFor(owner))).letters).toEqual([])
  })
})
