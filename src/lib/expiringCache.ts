import { LRUCache } from 'lru-cache'

type Limits<Value> = { ttlMs: number; maxSize: number; sizeOf: (value: Value) => number; now: () => Date }

/** Values by key, each for `ttlMs`; the least recently used are dropped when all together are larger than `maxSize`. */
export const expiringCache = <Value extends object>({ ttlMs, maxSize, sizeOf, now }: Limits<Value>) =>
  new LRUCache<string, Value>({
    ttl: ttlMs,
    ttlResolution: 0,
    ttlAutopurge: true,
    perf: { now: () => now().getTime() },
    maxSize,
    sizeCalculation: sizeOf,
  })
