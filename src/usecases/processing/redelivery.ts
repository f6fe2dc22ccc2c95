import type { Messages, WorkMessage } from '../ports/messages.js'
import type { Log, Measure } from '../ports/telemetry.js'

/** Work that fails is tried again after pauses that double, up to an hour: two days in all. Then its message is a dead letter. */
export const MAX_TRIES = 55
const FIRST_PAUSE_MS = 2000
const LONGEST_PAUSE_MS = 3_600_000
const MAX_REASON = 200

/** When to try again what has failed this often; undefined: not any more. */
export const nextTry = (now: Date, failures: number): Date | undefined =>
  failures >= MAX_TRIES
    ? undefined
    : new Date(now.getTime() + Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (failures - 1)))

/** What was refused, and will be again soon, is tried again after these pauses: two days in all, as for work that fails. */
const RARE_PAUSES_MS = [1, 5, 18, 24].map((hours) => hours * 3_600_000)

/** When to try again what has been refused this often; undefined: not any more. */
export const nextRareTry = (now: Date, refusals: number): Date | undefined => {
  const pause = RARE_PAUSES_MS[refusals - 1]
  return pause === undefined ? undefined : new Date(now.getTime() + pause)
}

export type RetryPorts = { messages: Messages; log: Log; measure: Measure; now: () => Date }

/**
 * Reads a message and does its work; when that fails, the message comes back later. (Service Bus itself would hand it back at once, and give it
 * up within a minute.) What has failed often enough, or cannot be read, is given up: it comes once more, marked, and is thrown back untouched
 * until Service Bus makes it a dead letter, which so tells why. Throws for that alone, and when it cannot be sent again.
 */
export const redeliverWithBackoff =
  (deps: RetryPorts) =>
  async <Read>(
    message: WorkMessage,
    read: (body: unknown) => Read,
    work: (read: Read, message: WorkMessage) => Promise<unknown>,
  ): Promise<void> => {
    if (message.isGivenUp) throw new Error(`Given up: ${message.reason}`)
    let readable: { read: Read }
    try {
      readable = { read: read(message.body) }
    } catch (error) {
      return giveUp(deps, message, error)
    }
    try {
      await work(readable.read, message)
    } catch (error) {
      await redeliverLater(deps, message, error)
    }
  }

/** Has a message whose work has failed come back later, or gives it up when that has happened often enough. */
export const redeliverLater = (deps: RetryPorts, message: WorkMessage, error: unknown): Promise<void> =>
  redeliverAt(deps, message, error, nextTry(deps.now(), message.tries + 1))

/** Has a message whose work has failed come back at this time; undefined: it is given up. */
export async function redeliverAt(
  deps: RetryPorts,
  message: WorkMessage,
  error: unknown,
  at: Date | undefined,
): Promise<void> {
  if (!at) return giveUp(deps, message, error)
  const { queue, messageId } = message
  const tries = message.tries + 1
  deps.log('message.failed', { queue, messageId, tries, error: String(error) })
  await deps.messages.redeliver({ ...message, tries, reason: reasonOf(error) }, at)
}

async function giveUp(
  { messages, log, measure, now }: RetryPorts,
  message: WorkMessage,
  error: unknown,
): Promise<void> {
  const { queue, messageId } = message
  const given = { ...message, tries: message.tries + 1, reason: reasonOf(error), isGivenUp: true }
  measure('givenUp', 1, { queue })
  log('message.givenUp', { queue, messageId, tries: given.tries, reason: given.reason })
  await messages.redeliver(given, now())
}

/** Why work has failed, in a short line without content: of what could not be read, only where that is. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'Unknown failure'
  if (error instanceof SyntaxError) return 'It is not the JSON that it should be.'
  if ('issues' in error && Array.isArray(error.issues)) {
    const places = error.issues.map((issue: { path?: unknown[] }) => issue.path?.join('.') || 'the whole')
    return `It cannot be read: ${places.join(', ')}`.slice(0, MAX_REASON)
  }
  const [line = ''] = error.message.split('\n')
  return (line || error.name).slice(0, MAX_REASON)
}
