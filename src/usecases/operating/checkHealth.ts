import type { Log } from '../ports/telemetry.js'

/** Names and tests of what the service cannot do without. */
export type HealthChecks = Record<string, () => Promise<unknown>>

const PATIENCE_MS = 5000
/** For so long a result, good or bad, answers further calls. */
const FRESH_MS = 5000

/**
 * The names of what does not answer. Anybody may ask, so one check at a time is under way, and its result is cached for
 * 5 s. `nowMs` never runs backwards.
 */
export function checkHealth(checks: HealthChecks, log: Log, nowMs: () => number): () => Promise<string[]> {
  let latest: Promise<string[]> | undefined
  let freshUntilMs = 0
  return () => {
    if (latest && nowMs() < freshUntilMs) return latest
    freshUntilMs = Number.POSITIVE_INFINITY // until it has ended
    latest = namesOfDown(checks, log).finally(() => {
      freshUntilMs = nowMs() + FRESH_MS
    })
    return latest
  }
}

async function namesOfDown(checks: HealthChecks, log: Log): Promise<string[]> {
  const down = Object.entries(checks).map(async ([name, check]) => {
    const timeout = AbortSignal.timeout(PATIENCE_MS)
    const late = new Promise((_, reject) => timeout.addEventListener('abort', () => reject(timeout.reason)))
    try {
      await Promise.race([check(), late])
      return []
    } catch (error) {
      log('health.dependencyDown', { name, error: String(error) })
      return [name]
    }
  })
  return (await Promise.all(down)).flat()
}
