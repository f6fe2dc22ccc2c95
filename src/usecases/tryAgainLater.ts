import type { FailedMessage, Log, Measure, Messages } from './ports.js'

/** Work that fails is tried again after pauses that double, up to an hour: two days in all. Then its message is a dead letter. */
export const MAX_TRIES = 55
const FIRST_PAUSE_MS = 2000
const LONGEST_PAUSE_MS = 3_600_000

/** When to try again what has failed this often. */
export const nextTry = (now: Date, failures: number): Date =>
  new Date(now.getTime() + Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (failures - 1)))

type Deps = { messages: Messages; log: Log; measure: Measure; now: () => Date }

/**
 * Does the work of a message; when it fails, the message comes back later. (Service Bus itself would hand it back at once, and give it up
 * within a minute.) Throws when it has been tried often enough, or cannot be sent again.
 */
export const orAgainLater =
  ({ messages, log, measure, now }: Deps) =>
  async (message: FailedMessage, work: () => Promise<unknown>): Promise<void> => {
    try {
      await work()
    } catch (error) {
      const { queue, messageId } = message
      const tries = message.tries + 1
      log('warn', 'The work of a message has failed', { queue, messageId, tries, error: String(error) })
      if (tries >= MAX_TRIES) {
        measure('givenUp', 1, { queue })
        throw error
      }
      await messages.sendAgain({ ...message, tries }, nextTry(now(), tries))
    }
  }
