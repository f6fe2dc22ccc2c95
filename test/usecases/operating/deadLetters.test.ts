import { describe, expect, test } from 'vitest'
import { listDeadLetters, replayDeadLetters } from '../../../src/usecases/operating/deadLetters.js'
import { memoryDeadLetters } from '../../memory/memoryDeadLetters.js'
import { memoryMessages } from '../../memory/memoryMessages.js'
import { at, later } from '../../support/samples.js'

/** Queues with so many dead letters each, and a clock that goes on by so many seconds each time it is looked at. */
function dead(counts: Record<string, number>, seconds = 0) {
  let time = 0
  const now = () => later(seconds * time++)
  const messages = memoryMessages()
  const deadLetters = memoryDeadLetters(Object.keys(counts), messages)
  for (const [entity, count] of Object.entries(counts)) {
    for (let i = 0; i < count; i++) {
      const letter = {
        messageId: `${entity}-${i}`,
        enqueuedAt: at,
        reason: 'It is down.',
        tries: 1,
        fileTransferId: undefined,
      }
      deadLetters.bury({ entity, letter, message: { entity: 'due', body: '{}' } })
    }
  }
  const deps = { deadLetters, log: () => {}, now }
  return { deps, messages, list: listDeadLetters(deps), replay: replayDeadLetters(deps) }
}

describe('listing dead letters', () => {
  test('tells of at most a hundred of each queue', async () => {
    const { list } = dead({ one: 101, none: 0, other: 2 })

    expect((await list()).map(({ queue, letters }) => [queue, letters.length])).toEqual([
      ['one', 100],
      ['none', 0],
      ['other', 2],
    ])
  })
})

describe('replaying dead letters', () => {
  test('sends all of them again, and tells how many', async () => {
    const { replay, list, messages } = dead({ one: 120, none: 0, other: 2 })

    expect(await replay()).toEqual({
      queues: [
        { queue: 'one', replayed: 120 },
        { queue: 'none', replayed: 0 },
        { queue: 'other', replayed: 2 },
      ],
      isMoreLeft: false,
    })
    expect(messages.sent()).toHaveLength(122)
    expect((await list()).every(({ letters }) => letters.length === 0)).toBe(true)
  })

  test('sends a thousand in one call, and says that there is more', async () => {
    const { replay, messages } = dead({ one: 1003, other: 2 })

    expect(await replay()).toEqual({
      queues: [
        { queue: 'one', replayed: 1000 },
        { queue: 'other', replayed: 0 },
      ],
      isMoreLeft: true,
    })
    expect(messages.sent()).toHaveLength(1000)
  })

  test('begins nothing more after twenty seconds', async () => {
    const { replay } = dead({ one: 200, other: 2 }, 10)

    expect(await replay()).toMatchObject({ queues: [{ replayed: 50 }, { replayed: 0 }], isMoreLeft: true })
  })

  test('leaves what dies again while it is at it', async () => {
    const { deps, replay } = dead({ one: 1 })
    const dying = { entity: 'one', message: { entity: 'due' as const, body: '{}' } }
    const letter = { messageId: 'x', enqueuedAt: later(1), reason: 'It is down.', tries: 1, fileTransferId: undefined }
    deps.deadLetters.bury({ ...dying, letter })

    expect(await replay()).toEqual({ queues: [{ queue: 'one', replayed: 1 }], isMoreLeft: false })
  })
})
