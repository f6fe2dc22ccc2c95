import type { IdempotencyEntry, IdempotencyKeys } from '../../src/usecases/ports/resources.js'

/** Idempotency keys in memory. */
export function memoryIdempotencyKeys(): IdempotencyKeys {
  const entries = new Map<string, IdempotencyEntry>()
  return {
    async claim(organization, key, entry, expired) {
      const entryKey = JSON.stringify([organization, key])
      const earlier = entries.get(entryKey)
      if (earlier && earlier.at >= expired) return structuredClone(earlier)
      entries.set(entryKey, structuredClone(entry))
      return entry
    },

    async removeOlder(than) {
      const older = [...entries].filter(([, { at }]) => at < than)
      for (const [entryKey] of older) entries.delete(entryKey)
      return older.length
    },
  }
}
