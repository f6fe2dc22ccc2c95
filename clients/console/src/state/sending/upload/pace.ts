const SAMPLE_MS = 1000
const SMOOTHED_OVER_MS = 8000

/** The speed of a transfer, smoothed over some seconds; new at most once a second. */
export function paceOf(): { bytesPerSecond(at: number, bytes: number): number | undefined } {
  let last: { at: number; bytes: number } | undefined
  let smoothed: number | undefined
  return {
    /** Undefined in the first second. */
    bytesPerSecond(at, bytes) {
      const ms = last ? at - last.at : 0
      if (last && ms < SAMPLE_MS) return smoothed
      if (last) {
        const now = (Math.max(bytes - last.bytes, 0) * 1000) / ms
        smoothed = smoothed === undefined ? now : smoothed + (now - smoothed) * (1 - Math.exp(-ms / SMOOTHED_OVER_MS))
      }
      last = { at, bytes }
      return smoothed
    },
  }
}

/** A time left that does not jump: in steps of some seconds, of minutes when it is long. */
export function steadySeconds(seconds: number): number {
  const step = seconds < 10 ? 1 : seconds < 60 ? 5 : seconds < 600 ? 10 : seconds < 3600 ? 60 : 300
  return Math.ceil(seconds / step) * step
}
