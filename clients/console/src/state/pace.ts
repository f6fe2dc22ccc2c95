/** How far a transfer of bytes was at a time, in ms. */
type Mark = { at: number; bytes: number }

const WINDOW_MS = 10_000

/** How fast bytes go, by what went in the last ten seconds. */
export function paceOf(): { bytesPerSecond(at: number, bytes: number): number | undefined } {
  let marks: Mark[] = []
  return {
    /** Undefined until it can be told. */
    bytesPerSecond(at, bytes) {
      marks = [...marks.filter((mark) => at - mark.at < WINDOW_MS), { at, bytes }]
      const [first] = marks
      if (!first || at === first.at || bytes <= first.bytes) return undefined
      return ((bytes - first.bytes) * 1000) / (at - first.at)
    },
  }
}
