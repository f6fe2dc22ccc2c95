import type { InvocationContext } from '@azure/functions'
import { beforeEach, describe, expect, test } from 'vitest'
import { messageHandler } from '../../../src/adapters/bus/messageHandler.js'
import type { WorkMessage, WorkQueue } from '../../../src/usecases/ports/messages.js'

const arrived: WorkMessage[] = []
const handlerOf = messageHandler(async (message) => void arrived.push(message))
beforeEach(() => void arrived.splice(0))

const receive = (queue: WorkQueue, applicationProperties?: Record<string, unknown>, deliveryCount: unknown = 1) => {
  const properties = applicationProperties && { applicationProperties }
  const context = { triggerMetadata: { messageId: 'm', deliveryCount, ...properties } }
  return handlerOf(queue, async () => {})('body', context as unknown as InvocationContext)
}

describe('a message of the topic', () => {
  test.each(['altinnEvents', 'statistics'] as const)(
    'is for %s, unless it names another subscription',
    async (queue) => {
      for (const subscription of [undefined, 'altinnEvents', 'statistics'])
        await receive(queue, { subscription, tries: 1 })
      await receive(queue)

      expect(arrived.map(({ messageId, queue: to, tries }) => [messageId, to, tries])).toEqual([
        ['m', queue, 1],
        ['m', queue, 1],
        ['m', queue, 0],
      ])
    },
  )

  test('is known to be the first, or to have been received before', async () => {
    await receive('eventDelivery')
    await receive('eventDelivery', {}, '1')
    await receive('eventDelivery', {}, 2)
    await receive('eventDelivery', {}, null)
    await receive('eventDelivery', { tries: 1 })
    await receive('eventDelivery', { replays: 1 })

    expect(arrived.map(({ isRedelivered }) => isRedelivered)).toEqual([undefined, undefined, ...Array(4).fill(true)])
  })

  test('brings how often it has failed, was replayed and was given up, and why', async () => {
    await receive('statistics', {
      subscription: 'statistics',
      tries: 55,
      replays: 2,
      reason: 'It is down.',
      givenUp: true,
    })

    expect(arrived).toMatchObject([{ tries: 55, replays: 2, reason: 'It is down.', isGivenUp: true, body: 'body' }])
  })
})
