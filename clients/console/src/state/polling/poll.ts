import { backoff } from '../../../../typescript/src/calls/wait.js'

/** What a look has found. `changed`: the next one comes soon; `same`: later and later; `ended`: there is no next one. */
export type Look = 'changed' | 'same' | 'ended'

/** The page, as far as polling depends on it. */
export type Watched = {
  isHidden(): boolean
  /** Calls the listener when the user comes back to the page, until the signal aborts. */
  onReturn(listener: () => void, signal: AbortSignal): void
}

/**
 * Waits in Broker, up to this time, and says whether something has changed. Aborted when the page is hidden: nothing is
 * asked of Broker then.
 */
export type AwaitChange = (ms: number, signal: AbortSignal) => Promise<boolean>

const GROWTH = 1.5
const LONGEST_MS = 60_000

type Polling = { firstMs: number; page: Watched; signal: AbortSignal; awaitChange?: AwaitChange | undefined }

/**
 * Looks again and again: less often while nothing changes, never while the page is hidden, and immediately when the
 * user comes back to it or `awaitChange` has seen a change. Resolves when a look has ended it. @throws what a look throws, or the reason of the signal.
 */
export async function poll(look: () => Promise<Look>, { firstMs, page, signal, awaitChange }: Polling): Promise<void> {
  const delays = backoff({ firstMs, longestMs: LONGEST_MS }, GROWTH)
  for (;;) {
    const found = await look()
    signal.throwIfAborted()
    if (found === 'ended') return
    if (found === 'changed') delays.reset()
    if ((await nextLook(delays.nextMs(), page, signal, awaitChange)) === 'returned') delays.reset()
  }
}

/** Waits for the time or a change, in a visible page, or for the user to come back. */
function nextLook(
  ms: number,
  page: Watched,
  signal: AbortSignal,
  awaitChange: AwaitChange | undefined,
): Promise<'due' | 'returned'> {
  const over = new AbortController()
  const shown = new AbortController()
  return new Promise<'due' | 'returned'>((resolve, reject) => {
    const unlessHidden = (outcome: 'due' | 'returned') => () => {
      if (!page.isHidden()) resolve(outcome)
    }
    const timer = setTimeout(unlessHidden('due'), ms)
    over.signal.addEventListener('abort', () => clearTimeout(timer))
    page.onReturn(() => {
      if (page.isHidden()) shown.abort()
      else resolve('returned')
    }, over.signal)
    if (awaitChange && !page.isHidden()) {
      const waiting = awaitChange(ms, AbortSignal.any([over.signal, shown.signal]))
      // An outage is the next look's to show.
      waiting.then((isChanged) => isChanged && unlessHidden('due')()).catch(() => undefined)
    }
    signal.addEventListener('abort', () => reject(signal.reason), { signal: over.signal })
  }).finally(() => over.abort())
}
