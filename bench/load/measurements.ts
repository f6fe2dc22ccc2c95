import { quantile } from '../quantile.js'

export type Row = { name: string; count: number; p50: number; p95: number; p99: number }
export type Measurements = ReturnType<typeof measurements>

/** Times by name in milliseconds, and failures by name and reason. */
export function measurements() {
  const times = new Map<string, number[]>()
  const failures = new Map<string, number>()

  return {
    took(name: string, ms: number): void {
      const known = times.get(name) ?? []
      known.push(ms)
      times.set(name, known)
    },
    failed(name: string, reason: string): void {
      const key = `${name}: ${reason}`
      failures.set(key, (failures.get(key) ?? 0) + 1)
    },
    rows: (): Row[] =>
      [...times].map(([name, all]) => ({
        name,
        count: all.length,
        p50: quantile(all, 0.5),
        p95: quantile(all, 0.95),
        p99: quantile(all, 0.99),
      })),
    failures: (): [string, number][] => [...failures].sort(([, one], [, other]) => other - one),
  }
}
