import { useCallback, useEffect, useState } from 'preact/hooks'
import { isTransient } from '../../../../typescript/src/calls/retry.js'
import { page } from './page.js'
import { poll } from './poll.js'

/** What was last answered, and why there is no newer answer. */
export type Answer<Value> = { value: Value | undefined; error: unknown }

/** How a page follows what changes more often. It must stay the same. */
type Following<Value> = {
  firstMs: number
  hasChanged(before: Value, now: Value): boolean
  /** See `AwaitChange`. */
  awaitChange(value: Value, ms: number, signal: AbortSignal): Promise<boolean>
}

const FIRST_MS = 15_000

/** The answer of Broker, asked for again and again. `ask` must stay the same. Call `refresh` after a change of one's own. */
export function usePolled<Value>(
  ask: (options: { signal: AbortSignal }) => Promise<Value>,
  following?: Following<Value>,
): Answer<Value> & { refresh(): void } {
  const [answer, setAnswer] = useState<Answer<Value>>({ value: undefined, error: undefined })
  const [round, setRound] = useState(0)

  useEffect(() => {
    const stop = new AbortController()
    const { signal } = stop
    const update = (part: Partial<Answer<Value>>) => {
      if (!signal.aborted) setAnswer((last) => ({ ...last, ...part }))
    }
    let last: Value | undefined
    const look = async () => {
      try {
        const value = await ask({ signal })
        update({ value, error: undefined })
        const isChanged = last !== undefined && following?.hasChanged(last, value)
        last = value
        return isChanged ? 'changed' : 'same'
      } catch (error) {
        update({ error })
        return isTransient(error) ? 'same' : 'ended'
      }
    }
    const awaitChange = async (ms: number, signal: AbortSignal) =>
      last === undefined || !following ? false : following.awaitChange(last, ms, signal)
    const firstMs = following?.firstMs ?? FIRST_MS
    poll(look, { firstMs, page, signal, awaitChange }).catch(() => undefined)
    return () => stop.abort()
  }, [ask, following, round])

  return { ...answer, refresh: useCallback(() => setRound((last) => last + 1), []) }
}
