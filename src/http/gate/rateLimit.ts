import { LRUCache } from 'lru-cache'
import { upTo } from '../../lib/upTo.js'
import { contract } from '../contract/contract.js'
import type { Row } from '../contract/operation.js'
import { take, type Window } from './slidingWindow.js'

/**
 * Callers whose calls are counted, over all operations; beyond that, the least recent one is forgotten.
 */
const MAX_CALLERS = 10_000

/** Counts a call, and returns how many seconds to wait when it is one too many; undefined: it may pass. */
export type RateLimit = (row: Row, caller: string) => number | undefined

/**
 * Limits the calls of an operation in any 60 seconds, for each caller separately, as this instance sees them (spec
 * 3.8). `limits` are by name of the row; one without a limit is not counted. `nowMs` never runs backwards.
 */
export function rateLimiter(limits: Record<string, number>, nowMs: () => number, maxCallers = MAX_CALLERS): RateLimit {
  const names = new Map<Row, string>(Object.entries(contract).map(([name, row]) => [row, name]))
  const windows = new LRUCache<string, Window>({ ...upTo(maxCallers) })
  return (row, caller) => {
    const name = names.get(row) ?? ''
    const limit = limits[name]
    if (limit === undefined) return undefined
    const key = `${name} ${caller}`
    const { window, waitSeconds } = take(windows.get(key) ?? [], limit, nowMs())
    windows.set(key, window)
    return waitSeconds
  }
}
