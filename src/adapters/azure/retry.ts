import { setTimeout as pause } from 'node:timers/promises'
import { isOutage } from '../../domain/outage.js'

const PAUSE_MS = 300

/**
 * Sends, and once more after a short pause when that may help. In place of the retries of Azure's clients, which would let a caller wait as
 * long as a throttled service asks: the caller is told that instead.
 */
export async function retryOnce<Answer>(send: () => Promise<Answer>): Promise<Answer> {
  try {
    return await send()
  } catch (error) {
    if (!isOutage(error)) throw error
    await pause(PAUSE_MS)
    return send().catch((again: unknown) => {
      throw withRetryAfter(again)
    })
  }
}

/** The failure, with what the service says of when to come back. */
function withRetryAfter(error: unknown): unknown {
  if (typeof error !== 'object' || error === null || !('response' in error)) return error
  const { headers } = (error.response ?? {}) as { headers?: { get(name: string): string | undefined } }
  return Object.assign(error, { retryAfter: headers?.get('retry-after') })
}
