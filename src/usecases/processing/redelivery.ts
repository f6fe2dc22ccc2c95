import type { Messages, WorkMessage } from '../ports/messages.js'
import type { Log, Measure } from '../ports/telemetry.js'

/**
 * Work that fails is retried with back-off that doubles up to an hour, for two days in all. Then its message is
 * dead-lettered.
 */
export const MAX_TRIES = 55
const FIRST_BACKOFF_MS = 2000
const LONGEST_BACKOFF_MS = 3_600_000
const MAX_REASON = 200

/** When to retry work that has failed this often; undefined: not any more. */
export const nextTry = (now: Date, failures: number): Date | undefined =>
  failures >= MAX_TRIES
    ? undefined
    : new Date(now.getTime() + Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (failures - 1)))

/**
 * What was refused, and would be again soon, is retried after these pauses: two days in all, as for work that fails.
 */
const PAUSES_AFTER_REFUSAL_MS = [1, 5, 18, 24].map((hours) => hours * 3_600_000)

/** When to retry what has been refused this often; undefined: not any more. */
export const nextTryAfterRefusal = (now: Date, refusals: number): Date | undefined => {
  const pause = PAUSES_AFTER_REFUSAL_MS[refusals - 1]
  return pause === undefined ? undefined : new Date(now.getTime() + pause)
}

export type RetryPorts = { messages: Messages; log: Log; measure: Measure; now: () => Date }

/**
 * Reads a message and does its work; when that fails, the message is redelivered with back-off. (Service Bus itself
 * would redeliver it immediately, and dead-letter it within a minute.) A message that has failed too often, or cannot
 * be read, is dead-lettered: it is sent once more with the reason, and this throws for it, doing nothing, until Service
 * Bus dead-letters it. Otherwise it throws only when the message cannot be sent.
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
      await redeliverAfterFailure(deps, message, error)
    }
  }

/** Redelivers a message whose work has failed, with back-off, or dead-letters it when it has failed too often. */
export const redeliverAfterFailure = (deps: RetryPorts, message: WorkMessage, error: unknown): Promise<void> =>
  redeliverAt(deps, message, error, nextTry(deps.now(), message.tries + 1))

/** Redelivers, at this time, a message whose work has failed; undefined: it is dead-lettered. */
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

/** Why work has failed, in a short line without content: of a message that cannot be read, only where it is wrong. */
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
