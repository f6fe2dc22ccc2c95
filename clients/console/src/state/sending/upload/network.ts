import { pause } from '../../../../../typescript/src/calls/wait.js'
import { BrokenConnection } from '../../../../../typescript/src/index.js'

let waiting = new AbortController()

/** Ends all waits for the network now. */
export function retryNow(): void {
  waiting.abort()
  waiting = new AbortController()
}

addEventListener('online', retryNow)

/** Waits before a call is tried again. For the network no longer than until it is back. */
export async function waitToRetry(delayMs: number, error: unknown, signal?: AbortSignal): Promise<void> {
  if (!(error instanceof BrokenConnection)) return pause(delayMs, signal)
  const { signal: isBack } = waiting
  await pause(delayMs, signal ? AbortSignal.any([signal, isBack]) : isBack).catch((reason: unknown) => {
    signal?.throwIfAborted()
    if (!isBack.aborted) throw reason
  })
}
