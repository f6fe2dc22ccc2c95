// The times of a token, in seconds since 1970: RFC 7519 §4.1.4 to §4.1.6.

/** How far clocks may differ. */
export const CLOCK_SKEW_SECONDS = 30

type Times = { exp?: unknown; nbf?: unknown; iat?: unknown }

/**
 * Whether an expired token may still finish an upload: it was valid when the upload began, and it expired no longer ago
 * than an upload may be idle.
 */
export function canContinueSending({ exp, nbf, iat }: Times, beganAt: Date, at: Date, idleSeconds: number): boolean {
  if (typeof exp !== 'number') return false
  const began = beganAt.getTime() / 1000
  const starts = [nbf, iat].filter((each) => typeof each === 'number')
  const wasValid = starts.every((start) => start <= began + CLOCK_SKEW_SECONDS) && began < exp + CLOCK_SKEW_SECONDS
  return wasValid && at.getTime() / 1000 - exp <= idleSeconds
}
