import type { Log } from './ports.js'

/** Names and tests of what the service cannot do without. */
export type HealthChecks = Record<string, () => Promise<unknown>>

const PATIENCE_MS = 5000

/** The names of what does not answer now. */
export const checkHealth = (checks: HealthChecks, log: Log) => async (): Promise<string[]> => {
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
