import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { entities } from '../../../local/entities.js'
import { projectRoot } from '../../../local/paths.js'
import { fileTransferEvents } from '../../../src/config.js'

type Named<P> = { Name: string; Properties: P }
type Delivery = { MaxDeliveryCount: number }
type Duplicates = { RequiresDuplicateDetection: boolean }
type Config = {
  UserConfig: {
    Namespaces: [
      { Queues: Named<Delivery & Duplicates>[]; Topics: (Named<Duplicates> & { Subscriptions: Named<Delivery>[] })[] },
    ]
  }
}

test('the Service Bus emulator has the entities of the local Service Bus, and statistics', async () => {
  const file = join(projectRoot, 'local/compose/servicebus-config.json')
  const { UserConfig }: Config = JSON.parse(await readFile(file, 'utf8'))
  const [{ Queues, Topics }] = UserConfig.Namespaces

  const delivery = ({ MaxDeliveryCount }: Delivery) => ({ maxDeliveryCount: MaxDeliveryCount })
  const configured = {
    queues: Object.fromEntries(Queues.map(({ Name, Properties }) => [Name, delivery(Properties)])),
    topics: Object.fromEntries(
      Topics.map(({ Name, Subscriptions }) => [
        Name,
        { subscriptions: Object.fromEntries(Subscriptions.map((each) => [each.Name, delivery(each.Properties)])) },
      ]),
    ),
  }

  const statistics = { [fileTransferEvents.subscriptions.statistics]: { maxDeliveryCount: 10 } }
  expect(configured).toMatchObject({ queues: deliveryCounts(entities().queues), topics: {} })
  const [topic] = Topics
  expect(Topics).toHaveLength(1)
  expect(configured.topics[fileTransferEvents.topic]?.subscriptions).toEqual({
    ...deliveryCounts(entities().topics[fileTransferEvents.topic]?.subscriptions ?? {}),
    ...statistics,
  })
  expect(Object.keys(configured.queues)).toEqual(Object.keys(entities().queues))
  expect([...Queues, topic].every((each) => each?.Properties.RequiresDuplicateDetection)).toBe(true)
})

const deliveryCounts = (all: Record<string, { maxDeliveryCount?: number }>) =>
  Object.fromEntries(Object.entries(all).map(([name, { maxDeliveryCount }]) => [name, { maxDeliveryCount }]))
