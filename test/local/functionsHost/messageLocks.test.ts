import { ServiceBusClient } from '@azure/service-bus'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type LocalServiceBus, startServiceBus } from '../../../local/serviceBus/serviceBus.js'
import { functionsHostOf, type RunningHost } from '../../support/functionsHostOf.js'
import { until } from '../../support/until.js'

const LOCK_MS = 8000
const APP = `
import { app } from '@azure/functions'
import { setTimeout as pause } from 'node:timers/promises'

for (const [queueName, ms] of [['short', 500], ['long', 13000]]) {
  app.serviceBusQueue(queueName, {
    connection: 'Bus',
    queueName,
    handler: async () => {
      console.log('begun ' + queueName)
      await pause(ms)
    },
  })
}
`

let bus: LocalServiceBus
let host: RunningHost
beforeAll(async () => {
  const queue = { lockDurationMs: LOCK_MS, maxDeliveryCount: 100 }
  bus = await startServiceBus({ entities: { queues: { short: queue, long: queue } } })
  host = await functionsHostOf(APP, { env: { Bus: bus.connectionString } })
})
afterAll(async () => {
  await host?.stop()
  await bus?.close()
})

const deliveries = (queue: string) => host.output().split(`begun ${queue}\n`).length - 1

async function send(queue: string) {
  const client = new ServiceBusClient(bus.connectionString)
  await client.createSender(queue).sendMessages({ body: 'message' })
  await client.close()
  await until(() => expect(deliveries(queue)).toBe(1))
}

describe('the lock of a message', () => {
  test('is renewed while its function runs', async () => {
    await send('long')

    await until(() => expect(bus.counts().long).toMatchObject({ active: 0 }))
    expect(deliveries('long')).toBe(1)
  })

  test('ends after a function that could not complete its message, so that it comes again', async () => {
    await send('short')

    // The function ends meanwhile. Half of the lock is longer than that: when it would be renewed, the bus is back.
    await bus.interrupt(3000)

    await until(() => expect(bus.counts().short).toMatchObject({ active: 0, deadLettered: 0 }))
  })
})
