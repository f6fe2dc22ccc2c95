import type { Log } from '../ports/telemetry.js'

/** The dependencies without which the service cannot work: name and check of each. */
export type HealthChecks = Record<string, () => Promise<unknown>>

const TIMEOUT_MS = 5000
const CACHE_MS = 5000

/**
 * The names of the dependencies that do not answer. It can be called without a token, so only one check runs at a time,
 * and its result, good or bad, is cached for 5 s. `nowMs` never runs backwards.
 */
export function checkHealth(checks: HealthChecks, log: Log, nowMs: () => number): () => Promise<string[]> {
  let latest: Promise<string[]> | undefined
  let freshUntilMs = 0
  return () => {
    if (latest && nowMs() < freshUntilMs) return latest
    freshUntilMs = Number.POSITIVE_INFINITY // until it has ended
    latest = namesOfDown(checks, log).finally(() => {
      freshUntilMs = nowMs() + CACHE_MS
    })
    return latest
  }
}

async function namesOfDown(checks: HealthChecks, log: Log): Promise<string[]> {
  const down = Object.entries(checks).map(async ([name, check]) => {
    const timeout = AbortSignal.timeout(TIMEOUT_MS)
    const timedOut = new Promise((_, reject) => timeout.addEventListener('abort', () => reject(timeout.reason)))
    try {
      await Promise.race([check(), timedOut])
      return []
    } catch (error) {
      log('health.dependencyDown', { name, error: String(error) })
      return [name]
    }
  })
  return (await Promise.all(down)).flat()
}
