import { LRUCache } from 'lru-cache'
import { upTo } from './upTo.js'

type Limits<Value> = { ttlMs: number; now: () => Date; maxSize: number; sizeCalculation: (value: Value) => number }

/** Values by key, each for `ttlMs`; the least recently used are dropped when all together are larger than `maxSize`. */
export const expiringCache = <Value extends object | true>({ ttlMs, now, ...limits }: Limits<Value>) =>
  new LRUCache<string, Value>({
    ttl: ttlMs,
    ttlResolution: 0,
    ttlAutopurge: true,
    perf: { now: () => now().getTime() },
    ...limits,
  })

/**
 * Answers by key, each for `ttlMs`, at most `entries`. A caller that asks while an answer is awaited gets the same. A
 * failure is not kept.
 */
export function cachedAnswers<Answer>(ttlMs: number, now: () => Date, entries: number) {
  const answers = expiringCache<Promise<Answer>>({ ttlMs, now, ...upTo(entries) })
  return {
    of(key: string, ask: () => Promise<Answer>): Promise<Answer> {
      const known = answers.get(key)
      if (known) return known
      const asked = ask()
      answers.set(key, asked)
      asked.catch(() => answers.delete(key))
      return asked
    },
    clear: () => answers.clear(),
  }
}
