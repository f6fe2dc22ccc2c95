import { BrokenConnection, BrokerProblem } from './problem.js'
import { backoff, pause } from './wait.js'

/** How often a call is tried, and the delays between the tries: they double, unless `Retry-After` gives another. */
export type RetryPolicy = { tries: number; firstMs: number; longestMs: number }

/** The policy where `patience` says nothing else: delays of 78 s in all. */
export const defaultRetryPolicy: RetryPolicy = { tries: 10, firstMs: 300, longestMs: 20_000 }

// 423: another request holds the upload, for 30 s at most after its server has died.
const TRANSIENT = [408, 423, 429, 502, 503, 504]

/** Whether the same call may succeed a little later. */
export const isTransient = (error: unknown): boolean =>
  error instanceof BrokenConnection || (error instanceof BrokerProblem && TRANSIENT.includes(error.status))

/** The retries of one piece of work. They are counted from its last progress. */
export function retriesOf(policy: RetryPolicy, signal?: AbortSignal) {
  const delays = backoff(policy)
  let failures = 0
  return {
    progressed() {
      failures = 0
      delays.reset()
    },
    /** Waits for the next try. @throws the error when there is none. */
    async failed(error: unknown, isRetryable = isTransient(error)): Promise<void> {
      if (signal?.aborted) throw signal.reason
      failures += 1
      if (!isRetryable || failures >= policy.tries) throw error
      const jitter = 0.75 + Math.random() / 2
      const delayMs = delays.nextMs() * jitter
      const retryAfterSeconds = error instanceof BrokerProblem ? error.retryAfterSeconds : undefined
      await pause(retryAfterSeconds === undefined ? delayMs : retryAfterSeconds * 1000, signal)
    },
  }
}

/** The result of the first try that succeeds. @throws an error that is not transient, or the last one. */
export async function withRetry<Value>(act: () => Promise<Value>, policy: RetryPolicy, signal?: AbortSignal) {
  const retries = retriesOf(policy, signal)
  for (;;) {
    try {
      return await act()
    } catch (error) {
      await retries.failed(error)
    }
  }
}
