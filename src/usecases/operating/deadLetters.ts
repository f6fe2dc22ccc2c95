import { type Author, authorFields } from '../../domain/fileTransfer/author.js'
import type { DeadLetter, DeadLetters } from '../ports/operating.js'
import type { Log } from '../ports/telemetry.js'

type Deps = { deadLetters: DeadLetters; log: Log; now: () => Date }

const LISTED = 100
/** One call sends at most so many again, and begins nothing more after so long. */
const MOST_REPLAYED = 1000
const PATIENCE_MS = 20_000
const AT_ONCE = 50

/** The oldest dead letters of every queue and subscription, without their content. */
export const listDeadLetters =
  ({ deadLetters }: Pick<Deps, 'deadLetters'>) =>
  async () => {
    const lists: { queue: string; letters: DeadLetter[] }[] = []
    for (const queue of deadLetters.places) lists.push({ queue, letters: await deadLetters.peek(queue, LISTED) })
    return lists
  }

/**
 * Sends the dead letters again, those that are there when it begins: what dies again is left for another time. `isMoreLeft`: it has done as much
 * as one call may, and should be called again.
 */
export const replayDeadLetters =
  ({ deadLetters, log, now }: Deps) =>
  async (by?: Author) => {
    const begun = now()
    let left = MOST_REPLAYED
    let isMoreLeft = false
    const counts: { queue: string; replayed: number }[] = []
    for (const queue of deadLetters.places) {
      let count = 0
      let isEmpty = false
      while (!isEmpty) {
        isMoreLeft = left <= 0 || now().getTime() - begun.getTime() >= PATIENCE_MS
        if (isMoreLeft) break
        const done = await deadLetters.replay(queue, Math.min(AT_ONCE, left), begun)
        isEmpty = done.isEmpty
        count += done.replayed
        left -= done.replayed
      }
      if (count > 0) log('deadLetters.replayed', { queue, count, ...authorFields(by) })
      counts.push({ queue, replayed: count })
    }
    return { queues: counts, isMoreLeft }
  }
