import { describe, expect, test } from 'vitest'
import { entities } from '../../local/entities.js'
import { queues, tables } from '../../src/config.js'
import { template, textOf } from './bicep.js'

type Entity = { name: string; properties: Record<string, string | boolean> }

const bus = template('infra/modules/serviceBus.bicep')
const declared = (type: string) =>
  bus.resources(`Microsoft.ServiceBus/namespaces/${type}`).map(({ value }) => value as Entity)
const local = entities()
const topics = Object.entries(local.topics)

const minutes = (ms: number | undefined) => `PT${(ms ?? 0) / 60_000}M`

describe('the Service Bus in Azure', () => {
  test('has the queues of the app', () => {
    expect(
      declared('queues')
        .map(({ name }) => name)
        .sort(),
    ).toEqual(Object.keys(local.queues).sort())
  })

  test('has the topic and its subscriptions', () => {
    expect(declared('topics').map(({ name }) => name)).toEqual(topics.map(([name]) => name))
    expect(
      declared('topics/subscriptions')
        .map(({ name }) => name)
        .sort(),
    ).toEqual(topics.flatMap(([, { subscriptions }]) => Object.keys(subscriptions ?? {})).sort())
  })

  test('gives up a message as the local one does', () => {
    for (const { name, properties } of declared('queues')) {
      expect(properties.maxDeliveryCount).toBe(String(local.queues[name]?.maxDeliveryCount))
    }
    for (const { properties } of declared('topics/subscriptions')) expect(properties.maxDeliveryCount).toBe('10')
  })

  test('drops duplicates for as long as the local one does', () => {
    for (const { name, properties } of [...declared('queues'), ...declared('topics')]) {
      const { duplicateDetectionMs } = local.queues[name] ?? local.topics[name] ?? {}

      expect(properties).toMatchObject({
        requiresDuplicateDetection: true,
        duplicateDetectionHistoryTimeWindow: minutes(duplicateDetectionMs),
      })
    }
  })

  test('loses no message that nobody has read', () => {
    for (const { properties } of [...declared('queues'), ...declared('topics/subscriptions')]) {
      expect(properties).toMatchObject({ defaultMessageTimeToLive: 'P14D', deadLetteringOnMessageExpiration: true })
    }
  })

  test('has the queue that Event Grid brings verdicts to', () => {
    const [, queue = ''] =
      /resource queue 'queues' existing = \{\s*name: '([\w-]+)'/.exec(textOf('infra/modules/scanResults.bicep')) ?? []

    expect(queue).toBe(queues.malwareScanResults)
  })
})

describe('the tables in Azure', () => {
  test('are those of the app', () => {
    const [, list = ''] = /tables: \[([^\]]*)\]/.exec(textOf('infra/modules/storage.bicep')) ?? []

    expect([...list.matchAll(/'(\w+)'/g)].map(([, name]) => name).sort()).toEqual(Object.values(tables).sort())
  })
})
