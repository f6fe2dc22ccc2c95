import { useCallback, useEffect, useState } from 'preact/hooks'
import { isTransient } from '../../../../typescript/src/calls/retry.js'
import { page } from './page.js'
import { poll } from './poll.js'

/** What was last answered, and why there is no newer answer. */
export type Answer<Value> = { value: Value | undefined; error: unknown }

const FIRST_MS = 15_000

/** The answer of Broker, asked for again and again. `ask` must stay the same. Call `refresh` after a change of one's own. */
export function usePolled<Value>(
  ask: (options: { signal: AbortSignal }) => Promise<Value>,
): Answer<Value> & { refresh(): void } {
  const [answer, setAnswer] = useState<Answer<Value>>({ value: undefined, error: undefined })
  const [round, setRound] = useState(0)

  useEffect(() => {
    const stop = new AbortController()
    const { signal } = stop
    const update = (part: Partial<Answer<Value>>) => {
      if (!signal.aborted) setAnswer((last) => ({ ...last, ...part }))
    }
    const look = async () => {
      try {
        update({ value: await ask({ signal }), error: undefined })
        return 'same' as const
      } catch (error) {
        update({ error })
        return isTransient(error) ? 'same' : 'ended'
      }
    }
    poll(look, { firstMs: FIRST_MS, page, signal }).catch(() => undefined)
    return () => stop.abort()
  }, [ask, round])

  return { ...answer, refresh: useCallback(() => setRound((last) => last + 1), []) }
}
