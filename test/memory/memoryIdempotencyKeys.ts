import type { IdempotencyEntry, IdempotencyKeys } from '../../src/usecases/ports/resources.js'

/** Idempotency keys in memory. */
export function memoryIdempotencyKeys(): IdempotencyKeys {
  const entries = new Map<string, IdempotencyEntry>()
  return {
    async claim(organization, key, entry, expired) {
      const place = JSON.stringify([organization, key])
      const earlier = entries.get(place)
      if (earlier && earlier.at >= expired) return structuredClone(earlier)
      entries.set(place, structuredClone(entry))
      return entry
    },

    async removeOlder(than) {
      const older = [...entries].filter(([, { at }]) => at < than)
      for (const [place] of older) entries.delete(place)
      return older.length
    },
  }
}
