import { BrokenConnection, BrokerProblem } from './problem.js'
import { backoff, pause } from './wait.js'

/** How often a call is tried, and the delays between the tries: they double, unless `Retry-After` gives another. */
export type RetryPolicy = {
  /** `Infinity`: until it succeeds, or fails for good. */
  tries: number
  firstMs: number
  longestMs: number
  /** Waits for the next try after an error, such as for a network that is back before the delay is over. */
  wait?: ((delayMs: number, error: unknown, signal?: AbortSignal) => Promise<void>) | undefined
  /** Called when a try succeeds after others have failed. */
  onRecovered?: (() => void) | undefined
}

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
      if (failures > 0) policy.onRecovered?.()
      failures = 0
      delays.reset()
    },
    /** Waits for the next try. @throws the error when there is none. */
    async failed(error: unknown, isRetryable = isTransient(error)): Promise<void> {
      if (signal?.aborted) throw signal.reason
      failures += 1
      if (!isRetryable || failures >= policy.tries) throw error
      const jitter = 0.75 + Math.random() / 2
      const usualMs = delays.nextMs() * jitter
      const retryAfterSeconds = error instanceof BrokerProblem ? error.retryAfterSeconds : undefined
      // `Retry-After: 0` for ever would be a loop without a pause.
      const delayMs = retryAfterSeconds ? retryAfterSeconds * 1000 : usualMs
      await (policy.wait ? policy.wait(delayMs, error, signal) : pause(delayMs, signal))
    },
  }
}

/** The result of the first try that succeeds. @throws an error that is not transient, or the last one. */
export async function withRetry<Value>(act: () => Promise<Value>, policy: RetryPolicy, signal?: AbortSignal) {
  const retries = retriesOf(policy, signal)
  for (;;) {
    try {
      const value = await act()
      retries.progressed()
      return value
    } catch (error) {
      await retries.failed(error)
    }
  }
}
