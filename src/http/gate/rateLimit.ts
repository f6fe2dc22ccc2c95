import { contract } from '../contract/contract.js'
import type { Operation } from '../contract/operation.js'
import { type TusOperation, tusContract } from '../contract/tusContract.js'
import { take, type Window } from './slidingWindow.js'

/** So many callers are remembered, over all operations; beyond that, those who have been quiet for the longest are forgotten. */
const MAX_CALLERS = 10_000

/** Counts a call, and tells how many seconds to wait when it is one too many; undefined: it may go on. */
export type RateLimit = (operation: Operation | TusOperation, caller: string) => number | undefined

/**
 * Limits the calls of an operation in any 60 seconds, for each caller by itself, as this instance sees them (spec 3.8). `limits` are by name of the operation;
 * one without a limit is not counted. `nowMs` never runs backwards.
 */
export function rateLimiter(limits: Record<string, number>, nowMs: () => number, maxCallers = MAX_CALLERS): RateLimit {
  const operations = Object.entries({ ...contract, ...tusContract })
  const names = new Map<Operation | TusOperation, string>(operations.map(([name, operation]) => [operation, name]))
  const windows = new Map<string, Window>() // in the order of their last call
  return (operation, caller) => {
    const name = names.get(operation) ?? ''
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
