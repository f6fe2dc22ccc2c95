import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { changeNotificationId } from '../../../src/adapters/bus/changeNotification.js'
import { checkUploadId } from '../../../src/adapters/bus/checkUpload.js'
import { deadlineId } from '../../../src/adapters/bus/deadline.js'
import { replayId, retryId } from '../../../src/adapters/bus/redeliveredMessage.js'
import { scanId } from '../../../src/adapters/bus/scanEvent.js'
import { at, later } from '../../support/samples.js'

const ADDRESSEES = [
  ...['uploadProcessing', 'eventDelivery', 'malwareScanResults', 'due'],
  ...['altinnEvents', 'statistics'],
]
const MAX_LENGTH = 128

/**
 * A way through the bus: a first id, who handles the message, and what becomes of it: `r` is a failure, `d` a replay
 * of the dead letter.
 */
type Way = { id: string; addressee: string; steps: ('r' | 'd')[] }

function idAfter({ id, addressee, steps }: Way): string {
  let message = { messageId: id, addressee, tries: 0, replays: 0 }
  for (const step of steps) {
    if (step === 'r') {
      const failed = { ...message, tries: message.tries + 1 }
      message = { ...failed, messageId: retryId(failed) }
    } else {
      message = { ...message, messageId: replayId(message), tries: 0, replays: message.replays + 1 }
    }
  }
  return message.messageId
}

/** What tells one message from another: tries before the last replay do not. */
const nameOf = ({ id, addressee, steps }: Way) => {
  const replays = steps.filter((step) => step === 'd').length
  const tries = steps.length - 1 - steps.lastIndexOf('d')
  return JSON.stringify(steps.length === 0 ? [id] : [id, addressee, replays, tries])
}

const suffix = fc.constantFrom(
  '',
  '/try1',
  '/due/try1',
  '/replay1',
  '/due/replay1',
  '/statistics/replay1/try2',
  '/r1',
  '-from7',
)
const firstId = fc.oneof(
  fc.tuple(fc.constantFrom('a', 'b', ''), suffix, suffix).map((parts) => parts.join('')),
  fc
    .tuple(
      fc.constantFrom('a', 'b').map((letter) => letter.repeat(110)),
      suffix,
    )
    .map((parts) => parts.join('')),
  fc.string({ maxLength: MAX_LENGTH }),
)
/**
 * Ids of others that look like ours are made before Broker sends them: `scanId`. What Event Grid sends by itself has a
 * UUID.
 */
const isOwn = (id: string) => !/\/(replay|try)\d+$/.test(id)
const way = fc.record({
  id: firstId,
  addressee: fc.constantFrom(...ADDRESSEES),
  steps: fc.array(fc.constantFrom('r' as const, 'r' as const, 'd' as const), { maxLength: 5 }),
})

describe('the ids of redelivered messages', () => {
  test('name the first id, the addressee, the replays and the tries', () => {
    const ways = ([[], ['r'], ['r', 'r'], ['r', 'd'], ['d', 'd', 'r', 'r']] as Way['steps'][]).map((steps) =>
      idAfter({ id: 'x-3', addressee: 'statistics', steps }),
    )

    expect(ways).toEqual([
      'x-3',
      'x-3/statistics/try1',
      'x-3/statistics/try2',
      'x-3/statistics/replay1',
      'x-3/statistics/replay2/try2',
    ])
  })

  test('keep a first id that ends with the addressee', () => {
    expect(idAfter({ id: 'x/due', addressee: 'due', steps: ['r'] })).toBe('x/due/due/try1')
    expect(idAfter({ id: 'x/due', addressee: 'due', steps: ['d', 'r'] })).toBe('x/due/due/replay1/try1')
  })

  test('are the same for the same message alone, whatever its id, and fit into what Service Bus takes', () => {
    fc.assert(
      fc.property(way, way, (one, other) => {
        fc.pre([one, other].every(({ id, steps }) => steps.length > 0 || isOwn(id)))
        const [first, second] = [idAfter(one), idAfter(other)]

        expect(first === second).toBe(nameOf(one) === nameOf(other))
        expect(Math.max(first.length, second.length)).toBeLessThanOrEqual(MAX_LENGTH)
      }),
      { numRuns: 5000 },
    )
  })

  test('are new for messages that an earlier version of the app has redelivered', () => {
    const message = { addressee: 'statistics', replays: 0 }

    expect(retryId({ ...message, messageId: 'x-3/try4', tries: 5 })).toBe('x-3/try4/statistics/try5')
    expect(replayId({ ...message, messageId: 'x-3/replay1/try55', tries: 55 })).toBe(
      'x-3/replay1/try55/statistics/replay1',
    )
  })
})

describe('the ids of messages that are sent first', () => {
  const fileTransferId = '4a1f7a50-3f0b-4e53-9d4a-6f1d6a7a2b11'

  test('differ for deadlines of the same change at other times, and for each try', () => {
    const row = { fileTransferId, kind: 'expire' as const, sequence: 3, at, since: at, tries: 0 }

    const ids = [row, { ...row, at: later(1) }, { ...row, tries: 1 }, { ...row, sequence: 4 }].map(deadlineId)

    expect(new Set(ids).size).toBe(4)
  })

  test('differ for each check of an upload, and each part of it', () => {
    const message = { fileTransferId, attemptId: fileTransferId, sequence: 3 }
    const read = { bytes: 5, md5State: '' }

    const ids = [message, { ...message, again: 1 }, { ...message, read }, { ...message, read, again: 1 }].map(
      checkUploadId,
    )

    expect(new Set(ids).size).toBe(4)
  })

  test('are those of the same scan event alone, whatever id it has been given', () => {
    const event = { id: 'x', data: { blobUri: 'one' } }

    expect(scanId(structuredClone(event))).toBe(scanId(event))
    expect(scanId({ ...event, data: { blobUri: 'other' } })).not.toBe(scanId(event))
    expect(scanId({ ...event, id: 'y'.repeat(MAX_LENGTH) }).length).toBeLessThanOrEqual(MAX_LENGTH)
  })

  test('name the first fact of a change', () => {
    expect(changeNotificationId({ fileTransferId, told: [5], counted: [4, 5] })).toBe(`${fileTransferId}-4`)
    expect(changeNotificationId({ fileTransferId, told: [], counted: [] })).toBeUndefined()
  })
})
