import { ServiceBusClient } from '@azure/service-bus'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { startServiceBus } from '../../../local/serviceBus/serviceBus.js'
import { until } from '../../support/until.js'
import { messaging } from './messaging.js'

const topic = 'filetransfer-events'
const subscriptions = {
  'altinn-events': { maxDeliveryCount: 2 },
  statistics: { maxDeliveryCount: 4, lockDurationMs: 600 },
}
const entities = { queues: { plain: {} }, topics: { [topic]: { duplicateDetectionMs: 60_000, subscriptions } } }

const broker = await startServiceBus({ entities })
const client = new ServiceBusClient(broker.connectionString, { retryOptions: { maxRetries: 0, timeoutInMs: 5000 } })
const { send, next, nextIn, drain, bodies, deadLetters } = messaging(client)
const countsOf = (entity: string) => broker.counts()[entity]
afterAll(async () => {
  await client.close()
  await broker.close()
})

describe('a topic', () => {
  test('gives each subscription its own copy, which counts its own deliveries and dies its own death', async () => {
    await send(topic, [
      { body: 1, messageId: 'e1' },
      { body: 1, messageId: 'e1' },
    ])
    const first = client.createReceiver(topic, 'altinn-events')
    const second = client.createReceiver(topic, 'statistics')

    for (const count of [0, 1]) {
      for (const receiver of [first, second]) {
        const message = await next(receiver)
        expect(message.deliveryCount).toBe(count)
        await receiver.abandonMessage(message)
      }
    }

    expect(await nextIn(first, 400)).toBeUndefined()
    expect(await deadLetters({ topic, subscription: 'altinn-events' })).toHaveLength(1)
    const message = await next(second)
    expect(message.deliveryCount).toBe(2)
    await second.completeMessage(message)
    const statistics = { topic, subscription: 'statistics' }
    expect([await drain(statistics), await deadLetters(statistics)]).toEqual([[], []])
  })

  test('schedules', async () => {
    const sender = client.createSender(topic)
    const soon = new Date(Date.now() + 500)

    await sender.scheduleMessages({ body: 's1', messageId: 's1' }, soon)
    await sender.sendMessages({ body: 's2', messageId: 's2', scheduledEnqueueTimeUtc: soon })
    expect(countsOf(topic)?.scheduled).toBe(2)

    for (const subscription of ['altinn-events', 'statistics']) {
      const place = { topic, subscription }
      await until(() => expect(countsOf(`${topic}/Subscriptions/${subscription}`)?.active).toBe(2))
      expect((await bodies(place)).sort()).toEqual(['s1', 's2'])
    }
  })
})

test('a client finds the broker again after a restart, which forgets everything', async () => {
  const first = await startServiceBus({ entities })
  const retryOptions = { retryDelayInMs: 200, timeoutInMs: 2000 } // 30 and 60 s by default
  const own = new ServiceBusClient(first.connectionString, { retryOptions })
  const sender = own.createSender('plain')
  const got: unknown[] = []
  const hasNoticed = vi.fn(async () => {})
  own.createReceiver('plain').subscribe({
    processMessage: async ({ body }) => void got.push(body),
    processError: hasNoticed,
  })
  const later = new Date(Date.now() + 60_000)
  await sender.sendMessages([{ body: 'before' }, { body: 'lost', scheduledEnqueueTimeUtc: later }])
  await until(() => expect(got).toEqual(['before']))

  await first.close()
  await until(() => expect(hasNoticed).toHaveBeenCalled())
  const second = await startServiceBus({ entities, port: first.port })
  await sender.sendMessages({ body: 'after' })

  await until(() => expect(got).toEqual(['before', 'after']))
  expect(second.counts().plain?.scheduled).toBe(0)
  await own.close()
  await second.close()
})
