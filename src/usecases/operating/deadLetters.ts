import { type Author, authorFields } from '../../domain/author.js'
import type { DeadLetter, DeadLetters } from '../ports/operating.js'
import type { Log } from '../ports/telemetry.js'

type Deps = { deadLetters: DeadLetters; log: Log; now: () => Date }

const LISTED = 100
/** One call replays at most this many, in batches, and begins no batch after this time. */
const MAX_REPLAYED = 1000
const TIMEOUT_MS = 20_000
const BATCH = 50

/** The oldest dead letters of every queue and subscription, without their content. */
export const listDeadLetters =
  ({ deadLetters }: Pick<Deps, 'deadLetters'>) =>
  async () => {
    const lists: { queue: string; letters: DeadLetter[] }[] = []
    for (const queue of deadLetters.entities) lists.push({ queue, letters: await deadLetters.peek(queue, LISTED) })
    return lists
  }

/**
 * Sends the dead letters again that are there when it begins: one that is dead-lettered again is left for another call.
 * `isMoreLeft`: one call was not enough.
 */
export const replayDeadLetters =
  ({ deadLetters, log, now }: Deps) =>
  async (by?: Author) => {
    const begun = now()
    let left = MAX_REPLAYED
    let isMoreLeft = false
    const counts: { queue: string; replayed: number }[] = []
    for (const queue of deadLetters.entities) {
      let count = 0
      let isEmpty = false
      while (!isEmpty) {
        isMoreLeft = left <= 0 || now().getTime() - begun.getTime() >= TIMEOUT_MS
        if (isMoreLeft) break
        const done = await deadLetters.replay(queue, Math.min(BATCH, left), begun)
        isEmpty = done.isEmpty
        count += done.replayed
        left -= done.replayed
      }
      if (count > 0) log('deadLetters.replayed', { queue, count, ...authorFields(by) })
      counts.push({ queue, replayed: count })
    }
    return { queues: counts, isMoreLeft }
  }
