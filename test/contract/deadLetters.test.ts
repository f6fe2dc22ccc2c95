import { randomUUID } from 'node:crypto'
import { ServiceBusClient } from '@azure/service-bus'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { entities } from '../../local/entities.js'
import { type LocalServiceBus, startServiceBus } from '../../local/serviceBus/serviceBus.js'
import { serviceBusDeadLetters } from '../../src/adapters/bus/serviceBusDeadLetters.js'
import { fileTransferEvents, queues } from '../../src/config.js'
import type { DeadLetters } from '../../src/usecases/ports/operating.js'
import { memoryDeadLetters } from '../memory/memoryDeadLetters.js'
import { memoryMessages } from '../memory/memoryMessages.js'
import { until } from '../support/until.js'

const SUBSCRIPTION = `${fileTransferEvents.topic}/${fileTransferEvents.subscriptions.altinnEvents}`
const OTHER_SUBSCRIPTION = `${fileTransferEvents.topic}/${fileTransferEvents.subscriptions.statistics}`
const SOON = () => new Date(Date.now() + 60_000)

type Entity = 'due' | typeof SUBSCRIPTION | typeof OTHER_SUBSCRIPTION
type Dead = { entity: Entity; messageId: string; body: unknown; tries?: number; replays?: number; reason?: string }
type Sent = { messageId: string; body: unknown; properties: unknown }
/** `die` makes a dead letter; `arrived` takes what has been sent again to an entity, this many. */
type Made = {
  deadLetters: DeadLetters
  die: (dead: Dead) => Promise<void>
  arrived: (entity: Dead['entity'], count: number) => Promise<Sent[]>
}

function deadLettersContract(name: string, make: () => Promise<Made>) {
  describe(`dead letters in ${name}`, () => {
    test('are listed for every queue and every subscription', async () => {
      const { deadLetters } = await make()

      expect(deadLetters.entities).toEqual(
        expect.arrayContaining([...Object.values(queues), SUBSCRIPTION, `${fileTransferEvents.topic}/statistics`]),
      )
      for (const entity of deadLetters.entities) expect(await deadLetters.peek(entity, 10)).toEqual([])
    })

    test('are listed without their content, and stay where they are', async () => {
      const { deadLetters, die } = await make()
      const fileTransferId = randomUUID()
      const reason = 'The tables are down.'
      await die({ entity: 'due', messageId: 'a/try55', body: { fileTransferId, secret: 1 }, tries: 55, reason })

      const expected = { messageId: 'a/try55', enqueuedAt: expect.any(Date), reason, tries: 55, fileTransferId }
      expect(await deadLetters.peek('due', 10)).toEqual([expected])
      expect(await deadLetters.peek('due', 10)).toEqual([expected])
    })

    test('are listed from the oldest on, up to the limit', async () => {
      const { deadLetters, die } = await make()
      for (const messageId of ['a', 'b', 'c']) await die({ entity: 'due', messageId, body: {} })

      expect((await deadLetters.peek('due', 2)).map(({ messageId }) => messageId)).toEqual(['a', 'b'])
    })

    test('are sent again as they were, under new ids and with no try counted, and are gone', async () => {
      const { deadLetters, die, arrived } = await make()
      const bodies = [{ fileTransferId: 'æøå' }, { number: 2 }]
      await die({ entity: 'due', messageId: 'a/due/try55', body: bodies[0], tries: 55, reason: 'It is down.' })
      await die({ entity: 'due', messageId: 'b', body: bodies[1] })

      expect(await deadLetters.replay('due', 10, SOON())).toEqual({ replayed: 2, isEmpty: false })
      expect(await deadLetters.replay('due', 10, SOON())).toEqual({ replayed: 0, isEmpty: true })

      expect(await arrived('due', 2)).toEqual([
        { messageId: 'a/due/replay1', body: bodies[0], properties: { replays: 1 } },
        { messageId: 'b/due/replay1', body: bodies[1], properties: { replays: 1 } },
      ])
      expect(await deadLetters.peek('due', 10)).toEqual([])
    })

    test('that die again are sent under yet another id', async () => {
      const { deadLetters, die, arrived } = await make()
      const ids: string[] = []
      const dead = [
        { messageId: 'a' },
        { messageId: 'b/due/replay1/try55', tries: 55, replays: 1 },
        { messageId: 'c/due/replay2', replays: 2 },
      ]
      for (const each of dead) {
        await die({ entity: 'due', body: {}, ...each })
        await deadLetters.replay('due', 10, SOON())
        ids.push(...(await arrived('due', 1)).map((each) => each.messageId))
      }

      expect(ids).toEqual(['a/due/replay1', 'b/due/replay2', 'c/due/replay3'])
    })

    test('of a subscription are sent for that subscription alone', async () => {
      const { deadLetters, die, arrived } = await make()
      await die({ entity: SUBSCRIPTION, messageId: 'fact', body: { sequence: 1 } })

      await deadLetters.replay(SUBSCRIPTION, 10, SOON())

      const properties = { subscription: 'altinnEvents', replays: 1 }
      expect(await arrived(SUBSCRIPTION, 1)).toEqual([
        { messageId: 'fact/altinnEvents/replay1', body: { sequence: 1 }, properties },
      ])
    })

    test('of both subscriptions are each sent again, though they were the same message', async () => {
      const { deadLetters, die, arrived } = await make()
      await die({ entity: SUBSCRIPTION, messageId: 'fact', body: {} })
      await die({ entity: OTHER_SUBSCRIPTION, messageId: 'fact', body: {} })

      await deadLetters.replay(SUBSCRIPTION, 10, SOON())
      await deadLetters.replay(OTHER_SUBSCRIPTION, 10, SOON())

      expect((await arrived(OTHER_SUBSCRIPTION, 2)).map(({ messageId }) => messageId)).toEqual([
        'fact/altinnEvents/replay1',
        'fact/statistics/replay1',
      ])
    })

    test('that came later than is said are left', async () => {
      const { deadLetters, die } = await make()
      const before = new Date(Date.now() - 60_000)
      await die({ entity: 'due', messageId: 'fresh', body: {} })

      expect(await deadLetters.replay('due', 10, before)).toEqual({ replayed: 0, isEmpty: true })
      expect(await deadLetters.peek('due', 10)).toHaveLength(1)
    })

    test('are sent again where they are wanted, and the others stay in their order', async () => {
      const { deadLetters, die, arrived } = await make()
      const [own, foreign] = [randomUUID(), randomUUID()]
      const transfers = { a: foreign, b: own, c: foreign, d: own, e: foreign }
      for (const [messageId, fileTransferId] of Object.entries(transfers)) {
        await die({ entity: 'due', messageId, body: { fileTransferId } })
      }

      const { replayed } = await deadLetters.replay('due', 10, SOON(), ({ fileTransferId }) => fileTransferId === own)

      expect(replayed).toBe(2)
      expect((await arrived('due', 2)).map(({ messageId }) => messageId)).toEqual(['b/due/replay1', 'd/due/replay1'])
      expect((await deadLetters.peek('due', 10)).map(({ messageId }) => messageId)).toEqual(['a', 'c', 'e'])
      expect((await deadLetters.replay('due', 10, SOON(), () => false)).replayed).toBe(0)
    })

    test('are sent again no more at a time than is said', async () => {
      const { deadLetters, die } = await make()
      for (const messageId of ['a', 'b', 'c']) await die({ entity: 'due', messageId, body: {} })

      const { replayed, isEmpty } = await deadLetters.replay('due', 2, SOON())

      expect([replayed, isEmpty]).toEqual([2, false])
      expect((await deadLetters.peek('due', 10)).map(({ messageId }) => messageId)).toEqual(['c'])
    })
  })
}

deadLettersContract('memory', async () => {
  const messages = memoryMessages()
  const all = [...Object.values(queues), SUBSCRIPTION, `${fileTransferEvents.topic}/statistics`]
  const deadLetters = memoryDeadLetters(all, messages)
  return {
    deadLetters,
    async die({ entity, messageId, body, tries, replays, reason = 'MaxDeliveryCountExceeded' }) {
      const { fileTransferId } = body as { fileTransferId?: string }
      const letter = { messageId, enqueuedAt: new Date(), reason, tries: tries ?? 1, fileTransferId }
      const subscription = entity === SUBSCRIPTION ? 'altinnEvents' : 'statistics'
      const to = entity === 'due' ? ({ entity: 'due' } as const) : ({ entity: 'facts', subscription } as const)
      const returned = { tries: tries ?? 0, ...(replays && { replays }) }
      deadLetters.bury({ entity, letter, message: { ...to, body: JSON.stringify(body), returned } })
    },
    arrived: async () =>
      messages.take(new Date()).map(({ messageId, body, subscription, returned }) => ({
        messageId,
        body: JSON.parse(body),
        properties: { replays: returned?.replays, ...(subscription && { subscription }) },
      })),
  }
})

describe('over Service Bus', () => {
  let bus: LocalServiceBus
  let client: ServiceBusClient
  beforeAll(async () => {
    bus = await startServiceBus({ entities: entities() })
    client = new ServiceBusClient(bus.connectionString)
  })
  afterAll(async () => {
    await client.close()
    await bus.close()
  })

  const { topic, subscriptions } = fileTransferEvents
  const receiverAt = (entity: Dead['entity'], options = {}) =>
    entity === 'due'
      ? client.createReceiver(queues.due, options)
      : client.createReceiver(
          topic,
          entity === SUBSCRIPTION ? subscriptions.altinnEvents : subscriptions.statistics,
          options,
        )

  deadLettersContract('Service Bus', async () => {
    await client.close()
    await bus.close()
    bus = await startServiceBus({ entities: entities() })
    client = new ServiceBusClient(bus.connectionString)
    return {
      deadLetters: serviceBusDeadLetters(() => new ServiceBusClient(bus.connectionString), {
        queues,
        ...fileTransferEvents,
      }),
      async die({ entity, messageId, body, tries, replays, reason }) {
        const properties = { ...(tries && { tries }), ...(replays && { replays }), ...(reason && { reason }) }
        const sender = client.createSender(entity === 'due' ? queues.due : topic)
        await sender.sendMessages({
          messageId,
          body,
          contentType: 'application/json',
          applicationProperties: properties,
        })
        const receiver = receiverAt(entity)
        const [message] = await receiver.receiveMessages(1, { maxWaitTimeInMs: 5000 })
        if (!message) throw new Error('It has not come.')
        await receiver.deadLetterMessage(message, {
          deadLetterReason: 'MaxDeliveryCountExceeded',
          deadLetterErrorDescription: '',
        })
        await receiver.close()
      },
      async arrived(entity, count) {
        const receiver = receiverAt(entity, { receiveMode: 'receiveAndDelete' })
        const found: Sent[] = []
        await until(async () => {
          const some = await receiver.receiveMessages(count, { maxWaitTimeInMs: 500 })
          for (const { messageId, body, applicationProperties = {} } of some) {
            found.push({ messageId: String(messageId), body, properties: applicationProperties })
          }
          expect(found.length).toBeGreaterThanOrEqual(count)
        })
        await receiver.close()
        return found
      },
    }
  })
})
