import { describe, expect, test } from 'vitest'
import { entities } from '../../local/entities.js'
import { queues, tables } from '../../src/config.js'
import { ENVIRONMENTS, lastOf, onlyOf, resourcesOf } from './snapshot.js'

const local = entities()
const topics = Object.entries(local.topics)

const minutes = (ms: number | undefined) => `PT${(ms ?? 0) / 60_000}M`

describe.each(ENVIRONMENTS)('the Service Bus of %s', (environment) => {
  const declared = (type: string) => resourcesOf(environment, `Microsoft.ServiceBus/namespaces/${type}`)
  const namesOf = (type: string) => declared(type).map(lastOf).sort()

  test('has the queues of the app', () => {
    expect(namesOf('queues')).toEqual(Object.keys(local.queues).sort())
  })

  test('has the topic and its subscriptions', () => {
    expect(namesOf('topics')).toEqual(topics.map(([name]) => name))
    expect(namesOf('topics/subscriptions')).toEqual(
      topics.flatMap(([, { subscriptions }]) => Object.keys(subscriptions ?? {})).sort(),
    )
  })

  test('dead-letters a message as the local one does', () => {
    for (const queue of declared('queues')) {
      expect(queue.properties.maxDeliveryCount).toBe(local.queues[lastOf(queue)]?.maxDeliveryCount)
    }
    for (const { properties } of declared('topics/subscriptions')) expect(properties.maxDeliveryCount).toBe(10)
  })

  test('drops duplicates for as long as the local one does', () => {
    for (const entity of [...declared('queues'), ...declared('topics')]) {
      const { duplicateDetectionMs } = local.queues[lastOf(entity)] ?? local.topics[lastOf(entity)] ?? {}

      expect(entity.properties).toMatchObject({
        requiresDuplicateDetection: true,
        duplicateDetectionHistoryTimeWindow: minutes(duplicateDetectionMs),
      })
    }
  })

  test('loses no message that was not read', () => {
    for (const { properties } of [...declared('queues'), ...declared('topics/subscriptions')]) {
      expect(properties).toMatchObject({ defaultMessageTimeToLive: 'P14D', deadLetteringOnMessageExpiration: true })
    }
  })

  test('has the queue that Event Grid brings verdicts to', () => {
    const { properties } = onlyOf(environment, 'Microsoft.EventGrid/topics/eventSubscriptions')
    const queue = declared('queues').find((each) => lastOf(each) === queues.malwareScanResults)

    expect(properties).toMatchObject({
      deliveryWithResourceIdentity: { destination: { properties: { resourceId: queue?.id } } },
    })
  })

  // A namespace is not turned from one tier to the other: it would take a name of its own.
  test('has a name with its tier', () => {
    const { name, sku } = onlyOf(environment, 'Microsoft.ServiceBus/namespaces')

    expect(name.endsWith('-premium')).toBe(sku?.name === 'Premium')
  })
})

describe.each(ENVIRONMENTS)('the tables of %s', (environment) => {
  test('are those of the app', () => {
    const declared = resourcesOf(environment, 'Microsoft.Storage/storageAccounts/tableServices/tables')

    expect(declared.map(lastOf).sort()).toEqual(Object.values(tables).sort())
  })
})
