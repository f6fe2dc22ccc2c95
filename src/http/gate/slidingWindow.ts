/** The calls that passed within the window, counted by the second, oldest first: at most 61 numbers. */
export type Window = readonly { second: number; calls: number }[]

/** A window of 60 s touches this many whole seconds. */
const SECONDS = 61

/**
 * Counts a call that passes, or returns in how many seconds the next one can. No more than `limit` calls pass in any 60
 * seconds; a call stops counting at most one second after it is 60 s old. `atMs` never runs backwards.
 */
export function take(window: Window, limit: number, atMs: number): { window: Window; waitSeconds: number | undefined } {
  const second = Math.floor(atMs / 1000)
  const recent = window.filter((each) => each.second > second - SECONDS)
  const calls = recent.reduce((sum, each) => sum + each.calls, 0)
  const [oldest] = recent
  if (oldest && calls >= limit) return { window: recent, waitSeconds: oldest.second + SECONDS - second }
  const last = recent.at(-1)
  const next =
    last?.second === second
      ? [...recent.slice(0, -1), { second, calls: last.calls + 1 }]
      : [...recent, { second, calls: 1 }]
  return { window: next, waitSeconds: undefined }
}
