/** Each step of the scale is an eighth of a doubling: a quantile is exact to 9 %. */
const STEPS_A_DOUBLING = 8
const STEPS = 20 * STEPS_A_DOUBLING

const stepOf = (ms: number) =>
  Math.min(STEPS - 1, Math.max(0, Math.ceil(Math.log2(Math.max(1, ms)) * STEPS_A_DOUBLING)))
const msOf = (step: number) => 2 ** (step / STEPS_A_DOUBLING)

/** Durations by operation and by interval of time, in memory that does not grow with their number. */
export function latencies(intervals: number) {
  const byOperation = new Map<string, Uint32Array[]>()

  const quantileOf = (counts: Uint32Array[], part: number): number | undefined => {
    const total = counts.reduce((sum, each) => sum + each.reduce((all, count) => all + count, 0), 0)
    if (total === 0) return undefined
    let left = total * part
    for (let step = 0; step < STEPS; step++) {
      for (const each of counts) left -= each[step] ?? 0
      if (left <= 0) return msOf(step)
    }
    return msOf(STEPS - 1)
  }

  return {
    took(operation: string, interval: number, ms: number): void {
      const known = byOperation.get(operation) ?? Array.from({ length: intervals }, () => new Uint32Array(STEPS))
      byOperation.set(operation, known)
      const counts = known[Math.min(intervals - 1, interval)]
      if (counts) counts[stepOf(ms)] = (counts[stepOf(ms)] ?? 0) + 1
    },
    /** The quantile of each interval; undefined where there was no call. */
    over: (operation: string, part: number): (number | undefined)[] =>
      (byOperation.get(operation) ?? []).map((counts) => quantileOf([counts], part)),
    /** All operations, the most called first. */
    rows: () =>
      [...byOperation]
        .map(([operation, counts]) => ({
          operation,
          count: counts.reduce((sum, each) => sum + each.reduce((all, count) => all + count, 0), 0),
          p50: quantileOf(counts, 0.5) ?? 0,
          p95: quantileOf(counts, 0.95) ?? 0,
          p99: quantileOf(counts, 0.99) ?? 0,
        }))
        .toSorted((one, other) => other.count - one.count),
  }
}
export type Latencies = ReturnType<typeof latencies>
