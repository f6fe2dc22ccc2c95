import { BrokenConnection, BrokerProblem } from './problem.js'

/** How often something is tried that may pass, and how long between: twice as long each time, unless `Retry-After` tells. */
export type Patience = { tries: number; firstMs: number; longestMs: number }

export const usualPatience: Patience = { tries: 10, firstMs: 300, longestMs: 20_000 }

// 423: another request holds the upload, for 30 s at most after its server has died.
const PASSING = [408, 423, 429, 502, 503, 504]

/** Whether the same call may go well a little later. */
export const mayPass = (error: unknown): boolean =>
  error instanceof BrokenConnection || (error instanceof BrokerProblem && PASSING.includes(error.status))

/** Waits, or @throws the reason of the signal. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const stop = () => {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop)
      resolve()
    }, ms)
    signal?.addEventListener('abort', stop, { once: true })
  })
}

/** Does several things at once under one signal: when one fails for good the others have no purpose, and are stopped. */
export async function together<Value>(signal: AbortSignal | undefined, act: (signal: AbortSignal) => Promise<Value>) {
  const stop = new AbortController()
  const follow = () => stop.abort(signal?.reason)
  if (signal?.aborted) follow()
  signal?.addEventListener('abort', follow)
  try {
    return await act(stop.signal)
  } catch (error) {
    stop.abort(error)
    throw error
  } finally {
    signal?.removeEventListener('abort', follow)
  }
}

/** The tries of one piece of work, which are counted anew whenever it gets on. */
export function triesOf(patience: Patience, signal?: AbortSignal) {
  let failures = 0
  return {
    gotOn: () => {
      failures = 0
    },
    /** Waits for the next try. @throws the error where another is of no use. */
    async failed(error: unknown, isPassing = mayPass(error)): Promise<void> {
      if (signal?.aborted) throw signal.reason
      failures += 1
      if (!isPassing || failures >= patience.tries) throw error
      const usual = Math.min(patience.firstMs * 2 ** (failures - 1), patience.longestMs)
      const told = error instanceof BrokerProblem ? error.retryAfterSeconds : undefined
      const jitter = 0.75 + Math.random() / 2
      await pause(told === undefined ? usual * jitter : told * 1000, signal)
    },
  }
}

/** Does it until it goes well. @throws what cannot pass, or has not passed. */
export async function persist<Value>(act: () => Promise<Value>, patience: Patience, signal?: AbortSignal) {
  const tries = triesOf(patience, signal)
  for (;;) {
    try {
      return await act()
    } catch (error) {
      await tries.failed(error)
    }
  }
}
