import { LRUCache } from 'lru-cache'

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
