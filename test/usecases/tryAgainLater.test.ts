import { describe, expect, test } from 'vitest'
import { memoryMessages } from '../../src/adapters/memory/memoryMessages.js'
import type { FailedMessage } from '../../src/usecases/ports.js'
import { MAX_TRIES, orAgainLater } from '../../src/usecases/tryAgainLater.js'
import { at, later } from '../support/samples.js'

const message: FailedMessage = { queue: 'facts', messageId: 'id-3', body: { sequence: 3 }, tries: 0 }
const failing = async () => {
  throw new Error('the tables are down')
}

function patient() {
  const messages = memoryMessages()
  const measured: unknown[] = []
  const deps = { messages, log: () => {}, measure: (...each: unknown[]) => void measured.push(each), now: () => at }
  return { messages, measured, work: orAgainLater(deps) }
}

describe('the work of a message', () => {
  test('that succeeds is done', async () => {
    const { messages, work } = patient()

    await work(message, async () => {})

    expect(messages.sent()).toEqual([])
  })

  test('that fails comes back later each time, under a new id', async () => {
    const { messages, work } = patient()

    await work(message, failing)
    await work({ ...message, messageId: 'id-3/try1', tries: 1 }, failing)
    await work({ ...message, messageId: 'id-3/try30', tries: 30 }, failing)

    const body = JSON.stringify(message.body)
    expect(messages.sent()).toEqual([
      { entity: 'facts', messageId: 'id-3/try1', body, at: later(2) },
      { entity: 'facts', messageId: 'id-3/try2', body, at: later(4) },
      { entity: 'facts', messageId: 'id-3/try31', body, at: later(3600) },
    ])
  })

  test('that has failed often enough is given up, for Service Bus to make a dead letter of it', async () => {
    const { messages, measured, work } = patient()

    await expect(work({ ...message, tries: MAX_TRIES - 1 }, failing)).rejects.toThrow('the tables are down')
    expect(messages.sent()).toEqual([])
    expect(measured).toEqual([['givenUp', 1, { queue: 'facts' }]])
  })
})
