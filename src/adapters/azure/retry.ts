import pRetry from 'p-retry'
import { isOutage } from '../../domain/outage.js'

/** How often a call is sent at most, and the pause before it is sent again. */
export const TRIES = 2
export const PAUSE_MS = 300

/**
 * Sends, and retries an outage once after a short pause. It replaces the retries of Azure's clients, which would have a
 * caller wait for as long as a throttled service asks: the caller gets a Retry-After instead.
 */
export const retryOnce = <Answer>(send: () => Promise<Answer>): Promise<Answer> =>
  pRetry(() => send(), {
    retries: TRIES - 1,
    minTimeout: PAUSE_MS,
    shouldRetry: ({ error }) => isOutage(error),
    onFailedAttempt: ({ error, retriesLeft }) => {
      if (retriesLeft === 0) addRetryAfter(error)
    },
  })

/** Keeps the Retry-After of the service. */
function addRetryAfter(error: Error & { response?: { headers?: { get(name: string): string | undefined } } }): void {
  if (error.response) Object.assign(error, { retryAfter: error.response.headers?.get('retry-after') })
}
