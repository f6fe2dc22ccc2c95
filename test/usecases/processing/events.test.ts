import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { OrganizationNumber } from '../../../src/domain/organizationNumber.js'
import type { DeliveryRecord, EventDelivery } from '../../../src/usecases/ports/events.js'
import { deliverEvent } from '../../../src/usecases/processing/events.js'
import { MAX_TRIES } from '../../../src/usecases/processing/redelivery.js'
import { type Broker, callerFor, memoryWorld, scanOf, telling, type World } from '../../support/memoryBroker.js'
import { anyOrganizations, at, kari, later, ola, sender } from '../../support/samples.js'

const down = () => Promise.reject(new Error('Altinn is down.'))

/** Who was told what: `type receiver role`. */
const told = ({ posted }: World) =>
  posted.map(({ type, alternativesubject, data }) =>
    [type.replace('no.altinn.broker.', ''), alternativesubject?.slice(-9), data.Role].join(' '),
  )

const deliveriesOf = ({ stores }: World): EventDelivery[] =>
  stores.messages
    .sent()
    .filter(({ entity }) => entity === 'eventDelivery')
    .map(({ body }) => JSON.parse(body))

const owed = (given: Partial<EventDelivery> = {}): EventDelivery => ({
  id: randomUUID(),
  event: {
    type: 'published',
    actor: { organization: kari, role: 'Recipient' },
    fileTransferId: '5d2fd5ff-fe5c-4aa1-9d6b-5f6f4b8e2c11',
    resourceId: 'bilag',
    sequence: 5,
    at,
  },
  ...given,
})

const deliver = ({ deliver }: World, delivery: EventDelivery, by?: Broker, tries = 0, replays?: number) => {
  const returned = { tries, ...(replays !== undefined && { replays }) }
  return deliver({ entity: 'eventDelivery', messageId: delivery.id, body: JSON.stringify(delivery), returned }, by)
}
const logged = ({ stores }: World, delivery: EventDelivery): Promise<DeliveryRecord | undefined> =>
  stores.deliveryLog.read(delivery)
const answering = (world: World, status: number) => world.start(() => ({ receiver: { post: async () => status } }))

describe('fanning events out', () => {
  test('tells each actor what it is owed, through a whole life', async () => {
    const world = await memoryWorld()
    const id = await world.uploaded({ recipients: [kari, ola] })
    await world.work()
    await world.broker.recordScanResult(scanOf((await world.read(id)).transfer))
    for (const each of [kari, ola]) {
      await world.broker.downloadFile(callerFor(each), id, undefined)
      await world.broker.confirmDownload(callerFor(each), id)
    }
    await world.work()
    world.advance(7200)
    await world.broker.expireDue()
    await world.work()

    expect(told(world).toSorted()).toEqual(
      [
        `filetransferinitialized ${sender} Sender`,
        `uploadprocessing ${sender} Sender`,
        `published ${sender} Sender`,
        `published ${kari} Recipient`,
        `published ${ola} Recipient`,
        `downloadconfirmed ${kari} Recipient`,
        `downloadconfirmed ${sender} Sender`,
        `downloadconfirmed ${ola} Recipient`,
        `downloadconfirmed ${sender} Sender`,
        `allconfirmeddownloaded ${sender} Sender`,
        `filepurged ${sender} Sender`,
      ].toSorted(),
    )
  })

  test('tells a sender that sends to itself in both roles, each with an id of its own', async () => {
    const world = await memoryWorld()
    await world.published({ recipients: [sender] })

    const published = world.posted.filter(({ type }) => type === 'no.altinn.broker.published')

    expect(published.map(({ data }) => data.Role)).toEqual(['Sender', 'Recipient'])
    expect(new Set(published.map(({ id }) => id)).size).toBe(2)
  })

  // With `uploadprocessing`, and `published` for the sender, that is 25 events and 26.
  test.each([
    [23, 25],
    [24, 0],
  ])(
    'tells %i recipients of a file; the change itself posts %i events, and leaves more to a message',
    async (count, posted) => {
      const world = await memoryWorld()
      await world.uploaded({ recipients: anyOrganizations(count), disableVirusScan: true })
      expect(told(world)).toHaveLength(1 + posted)

      await world.work()
      world.advance(1)
      await world.work()

      expect(told(world).filter((line) => line.startsWith('published'))).toHaveLength(count + 1)
      expect(told(world)).toHaveLength(1 + 1 + count + 1)
    },
  )

  test('lets a thousand deliveries into the queue some at a time, each once, in order', async () => {
    const world = await memoryWorld()
    const id = await world.published({ recipients: anyOrganizations(1000) })
    const { sequence } = (await world.read(id)).transfer
    const sent = () =>
      world.stores.messages
        .sent()
        .filter(({ entity, body }) => entity === 'eventDelivery' && JSON.parse(body).event.sequence === sequence)
    const first = sent()
    const byTime = Map.groupBy(first, (message) => (message.at?.getTime() ?? at.getTime()) - at.getTime())

    world.advance(5)
    await world.broker.fanOutEvents(telling(id, sequence), { isRedelivered: true })

    expect(sent()).toEqual(first)
    expect(first).toHaveLength(1001)
    expect([...byTime.keys()]).toEqual(Array.from({ length: 41 }, (_, slice) => slice * 500))
    expect(Math.max(...[...byTime.values()].map(({ length }) => length))).toBe(25)
  })

  test('delivers one sender’s event though another sends to thousands whom nobody knows', async () => {
    const world = await memoryWorld()
    const unknown = anyOrganizations(1000)
    const asked: OrganizationNumber[] = []
    const broker = world.start(() => ({
      parties: {
        async partyId(organization) {
          asked.push(organization)
          return unknown.includes(organization) ? undefined : `party-of-${organization}`
        },
      },
    }))
    for (let count = 0; count < 2; count++) await world.uploaded({ recipients: unknown, disableVirusScan: true })
    const other = await world.uploaded({ sender: kari, recipients: [ola], disableVirusScan: true })

    // One message after the other, as the queue gives them, until the recipient has been told.
    const handled = { before: 0, after: 0 }
    const isDone = () =>
      world.posted.some(({ resourceinstance, data }) => resourceinstance === other && data.Role === 'Recipient')
    for (let taken = world.stores.messages.take(world.clock.now); taken.length > 0; ) {
      for (const message of taken) {
        await world.handle(message, broker)
        handled[isDone() ? 'after' : 'before']++
      }
      taken = world.stores.messages.take(world.clock.now)
    }

    expect(isDone()).toBe(true)
    expect(handled.before).toBeLessThan(2 * 25 + 20)
    expect(handled.before + handled.after).toBeLessThan(2 * 25 + 20)

    for (let second = 0; second < 60; second++) {
      world.advance(1)
      await world.work(broker)
    }
    // Each unknown receiver is tried once for each event, and no more in the first hour.
    expect(asked.filter((organization) => unknown.includes(organization))).toHaveLength(2000)
  })

  test('gives the same fact the same ids for ever, and others to others', async () => {
    const world = await memoryWorld()
    const id = await world.published()
    const posted = world.posted.map((event) => event.id)

    for (const isRepeated of [undefined, true] as const) {
      for (let sequence = 1; sequence <= 5; sequence++) {
        await world.broker.fanOutEvents({ ...telling(id, sequence), isRepeated }, {})
      }
    }

    // What is enqueued again is dropped as a duplicate.
    const enqueued = deliveriesOf(world).map((each) => each.id)
    expect(enqueued.toSorted()).toEqual(posted.toSorted())
    expect(new Set(posted).size).toBe(posted.length)
    expect(posted.every((each) => /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab]/.test(each))).toBe(true)
  })

  test('never changes the id of an event that has been told', async () => {
    const world = await memoryWorld()
    const { event } = owed()
    const fixed = { ...event, sequence: 1 }
    const broker = world.start(({ transfers }) => ({
      transfers: {
        ...transfers,
        async readThese() {
          const { transfer } = await world.read(id)
          const facts = [{ sequence: 1, changeId: '', fact: { type: 'Initialized' as const, at } }]
          return { transfer: { ...transfer, id: fixed.fileTransferId }, facts }
        },
      },
    }))
    const id = await world.begin()

    await broker.fanOutEvents(telling(fixed.fileTransferId, 1), {})

    const delivery = deliveriesOf(world).find((each) => each.event.fileTransferId === fixed.fileTransferId)
    expect(delivery?.id).toMatchInlineSnapshot(`"676367cb-2903-54fb-bc75-d958fee9cb94"`)
  })

  test('sends nothing for facts that concern nobody', async () => {
    const world = await memoryWorld()
    const id = await world.published()
    const before = told(world)
    await world.broker.downloadFile(callerFor(kari), id, undefined)

    await world.work()

    expect(told(world)).toEqual(before)
  })

  test('reports that a fact is not there, and does not come again', async () => {
    const world = await memoryWorld()

    await world.broker.fanOutEvents(telling(randomUUID(), 1), {})

    expect(world.log).toMatchObject([{ event: 'events.factsMissing' }])
  })

  test('fails to be called again when the deliveries cannot be sent', async () => {
    const world = await memoryWorld()
    const id = await world.begin()
    const broken = world.start(({ messages }) => ({ messages: { ...messages, deliver: down } }))

    await expect(broken.fanOutEvents(telling(id, 1), {})).rejects.toThrow('Altinn is down.')
  })
})

describe('events that may have been enqueued before', () => {
  test.each([
    ['their change is resumed', { isRepeated: true as const }, {}],
    ['their notification comes again', {}, { isRedelivered: true as const }],
  ])('are marked, so that none is posted twice: %s', async (_, notification, message) => {
    const world = await memoryWorld()
    const id = await world.begin()
    const sent: EventDelivery[] = []
    const broker = world.start(({ messages }) => ({
      messages: { ...messages, deliver: async (deliveries) => void sent.push(...deliveries) },
    }))

    await broker.fanOutEvents({ ...telling(id, 1), ...notification }, message)

    expect(sent).toMatchObject([{ isRepeated: true }])
  })
})

describe('delivering an event', () => {
  test('posts it as the published guide says, with the party of the receiver', async () => {
    const world = await memoryWorld()
    const delivery = owed()

    await deliver(world, delivery)

    expect(world.posted).toEqual([
      {
        specversion: '1.0',
        id: delivery.id,
        type: 'no.altinn.broker.published',
        time: at.toISOString(),
        resource: 'urn:altinn:resource:bilag',
        resourceinstance: delivery.event.fileTransferId,
        source: 'https://platform.example/broker/api/v1/file',
        subject: `/party/party-of-${kari}`,
        alternativesubject: `/organisation/${kari}`,
        data: { Role: 'Recipient' },
      },
    ])
  })

  test('names the receiver by its URN where that is asked for, and looks up no party', async () => {
    const world = await memoryWorld()
    const { ports } = world.start(() => ({ parties: { partyId: down } }))
    const deliverByUrn = deliverEvent({ ...ports, eventForm: 'urn', platformUrl: 'https://platform.example/' })

    await deliverByUrn(owed(), { queue: 'eventDelivery', messageId: 'e', body: undefined, tries: 0 })

    expect(world.posted).toMatchObject([
      {
        source: 'https://platform.example/broker/api/v1/filetransfer',
        subject: `urn:altinn:organization:identifier-no:${kari}`,
      },
    ])
    expect(world.posted[0]).not.toHaveProperty('alternativesubject')
  })

  test.each(['receiver', 'parties'] as const)(
    'that fails (%s) is sent once more, later, under a new id',
    async (what) => {
      const world = await memoryWorld()
      const broken = world.start(() =>
        what === 'receiver' ? { receiver: { post: down } } : { parties: { partyId: down } },
      )
      const delivery = owed()

      await deliver(world, delivery, broken)

      const sent = world.stores.messages.sent()
      expect(sent).toMatchObject([
        { entity: 'eventDelivery', messageId: `${delivery.id}/eventDelivery/try1`, at: later(2) },
      ])
      expect(JSON.parse(sent[0]?.body ?? '{}')).toMatchObject({ id: delivery.id })
      expect(world.log).toContainEqual(expect.objectContaining({ event: 'event.notDelivered' }))
    },
  )

  test('is tried for two days, after pauses that double up to an hour, and is then given up', async () => {
    const world = await memoryWorld()
    const broken = world.start(() => ({ receiver: { post: down } }))
    const delivery = owed()

    const pauses: number[] = []
    for (let tries = 0; tries < 54; tries++) {
      await deliver(world, delivery, broken, tries)
      const sent = world.stores.messages.sent().at(-1)
      pauses.push(((sent?.at?.getTime() ?? 0) - at.getTime()) / 1000)
    }

    expect(pauses.slice(0, 13)).toEqual([2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 3600, 3600])
    const days = pauses.reduce((sum, pause) => sum + pause, 0) / 86_400
    expect(days).toBeGreaterThan(1.5)
    expect(days).toBeLessThan(2)
    await deliver(world, delivery, broken, 54)
    expect(world.stores.messages.sent().at(-1)).toMatchObject({
      returned: { tries: MAX_TRIES, reason: 'Altinn is down.', isGivenUp: true },
    })
    expect(await logged(world, delivery)).toEqual({ status: 'GivenUp', tries: 55, triedAt: at, answer: 'NoAnswer' })
  })

  describe.each([
    [
      'Altinn Events refuses it',
      'Altinn Events answered 400.',
      400,
      { receiver: { post: async () => 400 } },
      'refused',
    ],
    [
      'Register does not know the receiver',
      'Altinn Register does not know the party.',
      'UnknownParty',
      { parties: { partyId: async () => undefined } },
      'unknownParty',
    ],
  ] as const)('when %s', (_, reason, answer, ports, outcome) => {
    test('it is tried a few times, after hours, and is then given up', async () => {
      const world = await memoryWorld()
      const refusing = world.start(() => ports)
      const delivery = owed()
      await deliver(world, delivery, refusing)

      const seen: (DeliveryRecord | undefined)[] = [await logged(world, delivery)]
      for (const hours of [1, 5, 18, 24]) {
        world.advance(3600 * hours - 1)
        await world.work(refusing)
        expect(await logged(world, delivery)).toEqual(seen.at(-1))
        world.advance(1)
        await world.work(refusing)
        seen.push(await logged(world, delivery))
      }

      expect(seen).toMatchObject([
        { status: 'Waiting', tries: 1, answer, nextTryAt: later(3600) },
        { status: 'Waiting', tries: 2, answer, nextTryAt: later(3600 * 6) },
        { status: 'Waiting', tries: 3, answer, nextTryAt: later(3600 * 24) },
        { status: 'Waiting', tries: 4, answer, nextTryAt: later(3600 * 48) },
        { status: 'GivenUp', tries: 5, answer, triedAt: later(3600 * 48) },
      ])
      expect(world.stores.messages.sent().at(-1)).toMatchObject({ returned: { reason, isGivenUp: true } })
      const outcomes = world.measured.filter(({ metric }) => metric === 'deliveries').map((each) => each.attributes)
      expect(outcomes).toEqual([...Array(4).fill({ outcome }), { outcome: 'givenUp' }])
      expect(world.measured.filter(({ metric }) => metric === 'eventDelay')).toEqual([]) // Altinn's, not our delay
    })

    test('it is retried as often when it had failed before', async () => {
      const world = await memoryWorld()
      const delivery = owed()

      await deliver(
        world,
        delivery,
        world.start(() => ports),
        30,
      )

      expect(await logged(world, delivery)).toMatchObject({ status: 'Waiting', nextTryAt: later(3600) })
    })

    test('it is tried as often once more when its dead letter is replayed', async () => {
      const world = await memoryWorld()
      const refusing = world.start(() => ports)
      await deliver(world, owed(), refusing)
      for (const hours of [1, 5, 18, 24]) {
        world.advance(3600 * hours)
        await world.work(refusing)
      }
      const givenUp: EventDelivery = JSON.parse(world.stores.messages.sent().at(-1)?.body ?? '')

      await deliver(world, givenUp, refusing)

      expect(await logged(world, givenUp)).toMatchObject({ status: 'Waiting', nextTryAt: later(3600 * 49) })
    })

    test('what had failed before is no refusal', async () => {
      const world = await memoryWorld()
      const delivery = owed()
      await deliver(world, delivery, answering(world, 503))
      world.advance(2)
      await world.work(answering(world, 503))
      world.advance(4)

      await world.work(world.start(() => ports))

      expect(await logged(world, delivery)).toMatchObject({ tries: 3, answer, nextTryAt: later(3606) })
    })

    test('it is delivered at its next try when that has changed', async () => {
      const world = await memoryWorld()
      const delivery = owed()
      await deliver(
        world,
        delivery,
        world.start(() => ports),
      )
      world.advance(3600)

      await world.work()

      expect(await logged(world, delivery)).toMatchObject({ status: 'Delivered', tries: 2, answer: 200 })
    })
  })

  test.each([401, 403, 408, 429, 500, 503])('is tried again soon when the answer may pass: %d', async (status) => {
    const world = await memoryWorld()
    const delivery = owed()

    await deliver(world, delivery, answering(world, status))

    expect(await logged(world, delivery)).toMatchObject({ status: 'Waiting', answer: status, nextTryAt: later(2) })
  })

  test('that failed arrives when Altinn is there again, as the same event', async () => {
    const world = await memoryWorld()
    const delivery = owed()
    await deliver(
      world,
      delivery,
      world.start(() => ({ receiver: { post: down } })),
    )

    await world.work()
    expect(world.posted).toEqual([])
    world.advance(2)
    await world.work()

    expect(world.posted).toMatchObject([{ id: delivery.id }])
  })

  test('fails to be called again when it can neither be posted nor sent later', async () => {
    const world = await memoryWorld()
    const broken = world.start(({ messages }) => ({
      receiver: { post: down },
      messages: { ...messages, redeliver: () => Promise.reject(new Error('The bus is down.')) },
    }))

    await expect(deliver(world, owed(), broken)).rejects.toThrow('The bus is down.')
  })

  test('is recorded with what Altinn answers, and when it is tried next', async () => {
    const world = await memoryWorld()
    const delivery = owed()

    await deliver(world, delivery, answering(world, 503))
    expect(await logged(world, delivery)).toEqual({
      status: 'Waiting',
      tries: 1,
      triedAt: at,
      answer: 503,
      nextTryAt: later(2),
    })

    world.advance(2)
    await deliver(world, delivery, answering(world, 202), 1)
    expect(await logged(world, delivery)).toEqual({ status: 'Delivered', tries: 2, triedAt: later(2), answer: 202 })
  })

  test('that is delivered is not posted again when its message comes again', async () => {
    const world = await memoryWorld()
    const delivery = owed()

    await deliver(world, delivery)
    await deliver(world, delivery, world.broker, 1)
    await deliver(world, delivery, world.broker, 0, 1)
    await deliver(world, { ...delivery, isRepeated: true })

    expect(world.posted).toHaveLength(1)
  })

  test('that could not be recorded comes back to be recorded, and is not posted again', async () => {
    const world = await memoryWorld()
    const delivery = owed()
    const forgetful = world.start(({ deliveryLog }) => ({ deliveryLog: { ...deliveryLog, record: down } }))

    await deliver(world, delivery, forgetful)
    expect(await logged(world, delivery)).toBeUndefined()
    world.advance(2)
    await world.work(forgetful)
    world.advance(4)
    await world.work()

    expect(world.posted).toHaveLength(1)
    expect(await logged(world, delivery)).toEqual({ status: 'Delivered', tries: 1, triedAt: at, answer: 200 })
  })

  test('fails to be called again when it was posted and can neither be recorded nor sent later', async () => {
    const world = await memoryWorld()
    const broken = world.start(({ messages, deliveryLog }) => ({
      deliveryLog: { ...deliveryLog, record: down },
      messages: { ...messages, redeliver: () => Promise.reject(new Error('The bus is down.')) },
    }))

    await expect(deliver(world, owed(), broken)).rejects.toThrow('The bus is down.')
  })

  test('that failed comes back although the try could not be recorded', async () => {
    const world = await memoryWorld()
    const broken = world.start(({ deliveryLog }) => ({
      receiver: { post: down },
      deliveryLog: { ...deliveryLog, record: () => Promise.reject(new Error('The table is down.')) },
    }))

    await deliver(world, owed(), broken)

    expect(world.stores.messages.sent()).toMatchObject([{ returned: { tries: 1, reason: 'Altinn is down.' } }])
  })

  test('is not posted while nobody can tell whether it was delivered', async () => {
    const world = await memoryWorld()
    const broken = world.start(({ deliveryLog }) => ({ deliveryLog: { ...deliveryLog, read: down } }))

    await deliver(world, owed(), broken, 1)

    expect(world.posted).toEqual([])
    expect(world.stores.messages.sent()).toMatchObject([{ returned: { tries: 2 } }])
  })

  test('that was given up and is sent anew is delivered, and all its tries are counted', async () => {
    const world = await memoryWorld()
    const delivery = owed()
    await deliver(world, delivery, answering(world, 503), MAX_TRIES - 1)
    expect(await logged(world, delivery)).toMatchObject({ status: 'GivenUp', tries: 1, answer: 503 })

    await deliver(world, delivery, world.broker, 0, 1)

    expect(await logged(world, delivery)).toMatchObject({ status: 'Delivered', tries: 2, answer: 200 })
  })
})
