import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { WorkMessage } from '../../../src/usecases/ports/messages.js'
import { MAX_TRIES, reasonOf, redeliverWithBackoff } from '../../../src/usecases/processing/redelivery.js'
import { memoryMessages } from '../../memory/memoryMessages.js'
import { at, later } from '../../support/samples.js'

const message: WorkMessage = { queue: 'altinnEvents', messageId: 'id-3', body: { sequence: 3 }, tries: 0 }
const failing = async () => {
  throw new Error('the tables are down')
}

function patient() {
  const messages = memoryMessages()
  const measured: unknown[] = []
  const measure = (...each: unknown[]) => void measured.push(each)
  const handle = redeliverWithBackoff({ messages, log: () => {}, measure, now: () => at })
  const work = (each: WorkMessage, doIt: () => Promise<void>) => handle(each, () => {}, doIt)
  return { messages, measured, handle, work }
}

describe('the work of a message', () => {
  test('that succeeds is done', async () => {
    const { messages, work } = patient()

    await work(message, async () => {})

    expect(messages.sent()).toEqual([])
  })

  test('that fails comes back later each time, under a new id and with the reason', async () => {
    const { messages, work } = patient()

    await work(message, failing)
    await work({ ...message, messageId: 'id-3/altinnEvents/try1', tries: 1 }, failing)
    await work({ ...message, messageId: 'id-3/altinnEvents/try30', tries: 30 }, failing)

    const body = JSON.stringify(message.body)
    const common = { entity: 'facts', subscription: 'altinnEvents', body }
    const reason = 'the tables are down'
    expect(messages.sent()).toEqual([
      { ...common, messageId: 'id-3/altinnEvents/try1', at: later(2), returned: { tries: 1, reason } },
      { ...common, messageId: 'id-3/altinnEvents/try2', at: later(4), returned: { tries: 2, reason } },
      { ...common, messageId: 'id-3/altinnEvents/try31', at: later(3600), returned: { tries: 31, reason } },
    ])
  })

  test('that fails for both subscriptions at every try comes back to both, until both are given up', async () => {
    const { messages, work } = patient()
    const queues = ['altinnEvents', 'statistics'] as const
    let arrived: WorkMessage[] = queues.map((queue) => ({ ...message, queue }))

    for (let tries = 1; tries <= MAX_TRIES; tries++) {
      for (const each of arrived) await work(each, failing)
      const come = messages.take(later(3600))
      expect(come.map(({ subscription }) => subscription)).toEqual(queues)
      arrived = come.map(({ subscription, messageId, returned }) => ({
        ...message,
        messageId,
        ...returned,
        queue: subscription === 'statistics' ? 'statistics' : 'altinnEvents',
        tries: returned?.tries ?? 0,
      }))
    }

    expect(arrived.map(({ isGivenUp }) => isGivenUp)).toEqual([true, true])
  })

  test('that has failed often enough is given up: it comes once more, with the reason', async () => {
    const { messages, measured, work } = patient()

    await work({ ...message, tries: MAX_TRIES - 1 }, failing)

    expect(measured).toEqual([['givenUp', 1, { queue: message.queue }]])
    expect(messages.sent()).toMatchObject([
      {
        messageId: 'id-3/altinnEvents/try55',
        at,
        returned: { tries: 55, reason: 'the tables are down', isGivenUp: true },
      },
    ])
  })

  test('that is given up is not done any more, for Service Bus to make a dead letter of it', async () => {
    const { messages, work } = patient()
    let done = 0
    const given = { ...message, tries: 55, reason: 'the tables are down', isGivenUp: true }

    await expect(work(given, async () => void done++)).rejects.toThrow('Given up: the tables are down')

    expect([done, messages.sent()]).toEqual([0, []])
  })

  test('that cannot be read is given up at once', async () => {
    const { messages, handle } = patient()

    await handle(message, (body) => z.object({ fileTransferId: z.guid() }).parse(body), failing)

    const returned = { tries: 1, reason: 'It cannot be read: fileTransferId', isGivenUp: true }
    expect(messages.sent()).toMatchObject([{ messageId: 'id-3/altinnEvents/try1', at, returned }])
  })
})

describe('the reason of a failure', () => {
  test.each([
    ['one line', new Error('the tables are down\nRequestId: 7'), 'the tables are down'],
    ['short', new Error('x'.repeat(5000)), 'x'.repeat(200)],
    ['the name, where nothing is said', new TypeError(''), 'TypeError'],
    ['without the text that is no JSON', attempt(() => JSON.parse('"secret')), 'It is not the JSON that it should be.'],
    ['without the value that is wrong', attempt(() => z.literal('a').parse('secret')), 'It cannot be read: the whole'],
    ['something, whatever was thrown', 'secret', 'Unknown failure'],
  ])('is %s', (_, error, reason) => {
    expect(reasonOf(error)).toBe(reason)
  })
})

function attempt(work: () => unknown): unknown {
  try {
    return work()
  } catch (error) {
    return error
  }
}
