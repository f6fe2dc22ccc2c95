import type { RetryPolicy } from '../../../../../typescript/src/calls/retry.js'
import { BrokenConnection } from '../../../../../typescript/src/index.js'
import { retryNow, waitToRetry } from './network.js'

/** Shorter waits, such as for another request of the same upload, are not shown. */
const LONG_WAIT_MS = 2000

/** Never gives up. `onLongWait` is called with the error before a wait that the user should see. */
export const patienceOf = (onLongWait: (error: unknown) => void, onRecovered: () => void): RetryPolicy => ({
  tries: Number.POSITIVE_INFINITY,
  firstMs: 500,
  longestMs: 30_000,
  wait(delayMs, error, signal) {
    if (error instanceof BrokenConnection || delayMs >= LONG_WAIT_MS) onLongWait(error)
    return waitToRetry(delayMs, error, signal)
  },
  onRecovered() {
    onRecovered()
    retryNow()
  },
})
