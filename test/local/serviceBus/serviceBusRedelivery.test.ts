import { ServiceBusClient } from '@azure/service-bus'
import { afterAll, describe, expect, test } from 'vitest'
import { startServiceBus } from '../../../local/serviceBus/serviceBus.js'
import { until } from '../../support/until.js'
import { messaging } from './messaging.js'

const entities = {
  queues: { filtered: { duplicateDetectionMs: 60_000 } },
  topics: { events: { subscriptions: { all: {} } } },
}
const broker = await startServiceBus({ entities, redeliveryMs: 100 })
const client = new ServiceBusClient(broker.connectionString)
const { send, bodies } = messaging(client)
afterAll(async () => {
  await client.close()
  await broker.close()
})

describe('a Service Bus that is to deliver twice', () => {
  test.each([
    ['a queue', 'filtered', 'filtered'],
    ['a subscription', 'events', { topic: 'events', subscription: 'all' }],
  ])('gives each message of %s two times, out of order, and counts those still to come', async (_, entity, place) => {
    const sent = Array.from({ length: 30 }, (_, index) => index)
    await send(
      entity,
      sent.map((body) => ({ body, messageId: `m${body}` })),
    )
    const path = typeof place === 'string' ? place : 'events/Subscriptions/all'
    await until(() => expect(broker.counts()[path]?.active).toBe(60))

    const received = await bodies(place)

    expect(received.toSorted((one, other) => one - other)).toEqual(sent.flatMap((body) => [body, body]))
    expect(received).not.toEqual(received.toSorted((one, other) => one - other))
    expect(broker.counts()[path]?.active).toBe(0)
  })

  test('still drops what is sent twice, and keeps what is scheduled until its time', async () => {
    const scheduledEnqueueTimeUtc = new Date(Date.now() + 1000)
    await send('filtered', [
      { body: 'now', messageId: 'now' },
      { body: 'again', messageId: 'now' },
      { body: 'later', messageId: 'later', scheduledEnqueueTimeUtc },
    ])

    expect(await bodies('filtered')).toEqual(['now', 'now'])
    await until(() => expect(broker.counts().filtered?.active).toBe(2))
    expect(await bodies('filtered')).toEqual(['later', 'later'])
  })
})
