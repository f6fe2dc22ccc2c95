import { backoff } from '../../../../typescript/src/calls/wait.js'

/** What a look has found. `changed`: the next one comes soon; `same`: later and later; `ended`: there is no next one. */
export type Look = 'changed' | 'same' | 'ended'

/** The page, as far as polling depends on it. */
export type Watched = {
  isHidden(): boolean
  /** Calls the listener when the user comes back to the page, until the signal aborts. */
  onReturn(listener: () => void, signal: AbortSignal): void
}

const GROWTH = 1.5
const LONGEST_MS = 60_000

/**
 * Looks again and again: less often while nothing changes, never while the page is hidden, and immediately when the
 * user comes back to it. Resolves when a look has ended it. @throws what a look throws, or the reason of the signal.
 */
export async function poll(
  look: () => Promise<Look>,
  { firstMs, page, signal }: { firstMs: number; page: Watched; signal: AbortSignal },
): Promise<void> {
  const delays = backoff({ firstMs, longestMs: LONGEST_MS }, GROWTH)
  for (;;) {
    const found = await look()
    signal.throwIfAborted()
    if (found === 'ended') return
    if (found === 'changed') delays.reset()
    if ((await nextLook(delays.nextMs(), page, signal)) === 'returned') delays.reset()
  }
}

/** Waits for the time, in a visible page, or for the user to come back. */
function nextLook(ms: number, page: Watched, signal: AbortSignal): Promise<'due' | 'returned'> {
  const over = new AbortController()
  return new Promise<'due' | 'returned'>((resolve, reject) => {
    const unlessHidden = (outcome: 'due' | 'returned') => () => {
      if (!page.isHidden()) resolve(outcome)
    }
    const timer = setTimeout(unlessHidden('due'), ms)
    over.signal.addEventListener('abort', () => clearTimeout(timer))
    page.onReturn(unlessHidden('returned'), over.signal)
    signal.addEventListener('abort', () => reject(signal.reason), { signal: over.signal })
  }).finally(() => over.abort())
}
