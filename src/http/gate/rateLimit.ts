import { contract } from '../contract/contract.js'
import type { Row } from '../contract/operation.js'
import { take, type Window } from './slidingWindow.js'

/** So many callers are remembered, over all operations; beyond that, those who have been quiet for the longest are forgotten. */
const MAX_CALLERS = 10_000

/** Counts a call, and tells how many seconds to wait when it is one too many; undefined: it may go on. */
export type RateLimit = (row: Row, caller: string) => number | undefined

/**
 * Limits the calls of an operation in any 60 seconds, for each caller by itself, as this instance sees them (spec 3.8). `limits` are by name of the operation;
 * one without a limit is not counted. `nowMs` never runs backwards.
 */
export function rateLimiter(limits: Record<string, number>, nowMs: () => number, maxCallers = MAX_CALLERS): RateLimit {
  const names = new Map<Row, string>(Object.entries(contract).map(([name, row]) => [row, name]))
  const windows = new Map<string, Window>() // in the order of their last call
  return (row, caller) => {
    const name = names.get(row) ?? ''
    const limit = limits[name]
    if (limit === undefined) return undefined
    const key = `${name} ${caller}`
    const { window, waitSeconds } = take(windows.get(key) ?? [], limit, nowMs())
    windows.delete(key)
    windows.set(key, window)
    const [quietest] = windows.keys()
    if (windows.size > maxCallers && quietest !== undefined) windows.delete(quietest)
    return waitSeconds
  }
}
