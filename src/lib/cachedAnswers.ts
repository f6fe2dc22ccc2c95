import { expiringCache } from './expiringCache.js'
import { upTo } from './upTo.js'

/**
 * Answers by key, each for `ttlMs`, at most so many. Who asks while an answer is awaited gets the same. A failure is not
 * kept.
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
