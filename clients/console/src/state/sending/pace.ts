/** The bytes transferred at a time, in ms. */
type Sample = { at: number; bytes: number }

const WINDOW_MS = 10_000

/** The speed of a transfer over the last ten seconds. */
export function paceOf(): { bytesPerSecond(at: number, bytes: number): number | undefined } {
  let samples: Sample[] = []
  return {
    /** Undefined until there are two samples. */
    bytesPerSecond(at, bytes) {
      samples = [...samples.filter((sample) => at - sample.at < WINDOW_MS), { at, bytes }]
      const [first] = samples
      if (!first || at === first.at || bytes <= first.bytes) return undefined
      return ((bytes - first.bytes) * 1000) / (at - first.at)
    },
  }
}
