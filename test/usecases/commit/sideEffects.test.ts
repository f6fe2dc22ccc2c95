import { describe, expect, test } from 'vitest'
import { attemptsInUse, fileOf } from '../../../src/domain/fileTransfer/state.js'
import type { OrganizationNumber } from '../../../src/domain/organizationNumber.js'
import { effectsOf } from '../../../src/domain/projections/effects.js'
import { ok } from '../../../src/domain/result.js'
import type { Ports } from '../../../src/usecases/broker.js'
import { projectedImmediately, resumeSideEffects } from '../../../src/usecases/commit/sideEffects.js'
import { callerFor, memoryWorld, scanOf, type World } from '../../support/memoryBroker.js'
import { all, anyOrganizations, initialized, kari, later, ola, request, sender } from '../../support/samples.js'
import { good, tusClient } from '../../support/tus.js'

const others = ({ broker }: World) => ({ waits: broker.commits.waits, deliverAtOnce: async () => {} })
const nothing = { projections: [], events: [], counted: [], statistics: [], obsoleteDeadlines: [] }

describe('the side effects of a change', () => {
  test('never deletes the file that the state holds', async () => {
    const world = await memoryWorld()
    const { transfer } = await world.read(await world.published())
    const attemptId = fileOf(transfer)?.attemptId ?? ''

    await resumeSideEffects({ ...world.broker.ports, ...others(world) }, transfer, {
      ...nothing,
      released: [attemptId],
      resumable: [],
    })

    expect(world.stores.blobs.locations()).toMatchObject([{ attemptId }])
  })

  test('never discards an upload that the state holds', async () => {
    const world = await memoryWorld()
    const id = await world.begin()
    const client = tusClient(world.broker, id)
    good(await client.create(10))
    good(await client.patch(0, 'hello'))
    const { transfer } = await world.read(id)
    const [attemptId = ''] = attemptsInUse(transfer)

    await resumeSideEffects({ ...world.broker.ports, ...others(world) }, transfer, {
      ...nothing,
      released: [attemptId],
      resumable: [attemptId],
    })

    expect(good(await client.head()).offset).toBe(5)
    expect(good(await client.patch(5, 'world')).offset).toBe(10)
  })

  test('discards an upload that the state does not hold', async () => {
    const world = await memoryWorld()
    const id = await world.begin()
    const { transfer } = await world.read(id)
    const client = tusClient(world.broker, id)
    const { attemptId } = good(await client.create(10))
    good(await client.patch(0, 'hello'))

    await resumeSideEffects({ ...world.broker.ports, ...others(world) }, transfer, {
      ...nothing,
      released: [],
      resumable: [attemptId],
    })

    expect(await world.stores.tusUploads.ofFileTransfer(id)).toEqual([])
  })

  test('enqueue the check of an upload when it is completed, and never else', async () => {
    const world = await memoryWorld()
    const checks = () => world.stores.messages.sent().filter(({ entity }) => entity === 'uploadProcessing')
    await world.linked()
    expect(checks()).toEqual([])

    const id = await world.unread()

    const { transfer } = await world.read(id)
    const { attemptId } = fileOf(transfer) ?? {}
    expect(checks().map(({ body }) => JSON.parse(body))).toEqual([
      { fileTransferId: id, attemptId, sequence: transfer.sequence },
    ])
  })
})

/** The messages of the publication of a file for this many recipients. */
async function publishedFor(recipientCount: number, change: (ports: Ports) => Partial<Ports> = () => ({})) {
  const world = await memoryWorld()
  const broker = world.start(change)
  const id = await world.uploaded({ recipients: anyOrganizations(recipientCount) })
  world.stores.messages.take(world.clock.now)
  await broker.recordScanResult(scanOf((await world.read(id)).transfer))
  await broker.settled()
  const { sequence } = (await world.read(id)).transfer
  const sent = world.stores.messages.take(later(60))
  const at = sent.flatMap((each) => (each.at ? [each.at] : []))
  const bodiesOf = (queue: string) => sent.filter(({ entity }) => entity === queue).map(({ body }) => JSON.parse(body))
  const posted = world.posted.filter(({ type }) => type === 'no.altinn.broker.published')
  const counted = (await all(world.stores.statistics.ofMonth('2026-03'))).filter(({ isPublished }) => isPublished)
  return { sequence, posted, at, deliveries: bodiesOf('eventDelivery'), notifications: bodiesOf('facts'), counted }
}

describe('the events of a change', () => {
  test('are posted by itself, up to 25, and no message is sent', async () => {
    const { posted, deliveries, notifications } = await publishedFor(24)

    expect(posted).toHaveLength(25)
    expect(deliveries).toEqual([])
    expect(notifications).toEqual([])
  })

  test('are left to the fan-out beyond that, whose notification names their fact once', async () => {
    const { sequence, posted, deliveries, notifications } = await publishedFor(25)

    expect([...posted, ...deliveries]).toEqual([])
    expect(notifications).toMatchObject([{ told: [sequence] }])
  })
})

describe('the events that a change posts itself', () => {
  test('are enqueued for their next try when Altinn does not take them', async () => {
    const { deliveries, at } = await publishedFor(2, () => ({ receiver: { post: async () => 503 } }))

    expect(deliveries).toHaveLength(3)
    expect(at).toEqual([later(2), later(2), later(2)])
  })

  test('go by message where Altinn is slower than the changes are', async () => {
    const world = await memoryWorld()
    const answers: (() => void)[] = []
    const broker = world.start(() => ({
      receiver: { post: () => new Promise<number>((resolve) => answers.push(() => resolve(200))) },
    }))
    const send = async () => good(await broker.initializeFileTransfer(callerFor(sender), request()))
    const enqueued = () => world.stores.messages.sent().filter(({ entity }) => entity === 'eventDelivery').length

    await Promise.all(Array.from({ length: 64 }, send))
    await expect.poll(() => answers.length).toBe(64)
    expect(enqueued()).toBe(0)
    await send()
    await expect.poll(enqueued).toBe(1)

    for (const answer of answers.splice(0)) answer()
    await broker.settled()
    await send()
    await expect.poll(() => answers.length).toBe(1)
    expect(enqueued()).toBe(1)
    answers[0]?.()
  })

  test('are resumed, marked as repeated, when they can be neither posted nor enqueued', async () => {
    const world = await memoryWorld()
    const down = () => Promise.reject(new Error('It is down.'))
    const broken = world.start(({ messages }) => ({
      receiver: { post: down },
      messages: { ...messages, redeliver: down },
    }))
    good(await broken.initializeFileTransfer(callerFor(sender), request()))
    await broken.settled()
    expect(world.log.map(({ event }) => event)).toContain('outbox.deferred')

    world.advance(60)
    await world.broker.commits.resume()
    await world.work()

    expect(world.posted).toHaveLength(1)
    expect(world.stores.messages.sent().map(({ body }) => JSON.parse(body))).toMatchObject([{ isRepeated: true }])
  })
})

describe('the statistics of a change', () => {
  test('are written by itself, up to 25 rows', async () => {
    const { notifications, counted } = await publishedFor(25)

    expect(notifications).toMatchObject([{ counted: [] }])
    expect(counted).toHaveLength(25)
  })

  test('go with its notification when the table does not take them', async () => {
    const { sequence, notifications, counted } = await publishedFor(25, ({ statistics }) => ({
      statistics: { ...statistics, merge: () => Promise.reject(new Error('The table is down.')) },
    }))

    expect(counted).toEqual([])
    expect(notifications).toMatchObject([{ counted: [sequence] }])
    expect(notifications[0].statistics).toHaveLength(25)
  })

  test('are read by their receiver beyond that', async () => {
    const { sequence, notifications } = await publishedFor(26)

    expect(notifications).toMatchObject([{ counted: [sequence] }])
    expect(notifications[0]).not.toHaveProperty('statistics')
  })
})

describe('the search rows that a caller waits for', () => {
  /** Whose rows are written immediately, and whether others are deferred, for a new transfer with so many recipients. */
  function projected(recipients: OrganizationNumber[], actor?: OrganizationNumber) {
    const { transfer, facts } = initialized({ recipients })
    const effects = effectsOf(undefined, facts, 1, transfer)
    const { immediate, hasDeferred } = projectedImmediately(effects, actor)
    return { whose: immediate.map((each) => each.actor.organization), hasDeferred }
  }

  test('are all of them with up to 25 recipients', () => {
    const recipients = anyOrganizations(25)

    expect(projected(recipients)).toEqual({ whose: [sender, ...recipients], hasDeferred: false })
  })

  test('are the sender’s and the caller’s own with more', () => {
    const recipients = anyOrganizations(26)

    expect(projected(recipients)).toEqual({ whose: [sender], hasDeferred: true })
    expect(projected(recipients, recipients[7])).toEqual({ whose: [sender, recipients[7]], hasDeferred: true })
  })

  test('replace those of the state before, and nothing is read; a new transfer has none', async () => {
    const world = await memoryWorld()
    const calls: string[] = []
    const broker = world.start(({ transfers, searchIndex }) => ({
      transfers: {
        ...transfers,
        async commit(...args) {
          calls.push('commit')
          return transfers.commit(...args)
        },
        async read(id) {
          calls.push('read the transfer')
          return transfers.read(id)
        },
        async changeIdAt(...args) {
          calls.push('whose fact is it?')
          return transfers.changeIdAt(...args)
        },
      },
      searchIndex: {
        ...searchIndex,
        async readHead(each) {
          calls.push(`read ${each.actor.organization}`)
          return searchIndex.readHead(each)
        },
        async project(each, head) {
          calls.push(`${each.actor.organization} after ${head && (head.replaced?.sequence ?? 'nothing')}`)
          return searchIndex.project(each, head)
        },
      },
    }))
    const { transfer, facts } = initialized()
    const callsOf = async (change: () => Promise<unknown>) => {
      calls.length = 0
      await change()
      return calls
    }

    expect(await callsOf(() => broker.commits.create(transfer, facts))).toEqual([
      ...[sender, kari, ola].map((each) => `${each} after nothing`),
      'commit',
    ])
    await broker.commits.change(await world.read(transfer.id), (_, at) =>
      ok([{ type: 'DownloadStarted', number: 1, recipient: kari, at }]),
    )
    const read = await world.read(transfer.id)
    expect(
      await callsOf(() => broker.commits.change(read, (_, at) => ok([{ type: 'Cancelled', released: [], at }]))),
    ).toEqual(['commit', `${sender} after 1`, `${kari} after 2`, `${ola} after 1`])
  })
})
