const MOST_SECONDS = 5

/**
 * When a caller is asked to come back: after so many seconds, or where nobody has said how many, after a few by chance. Those who are refused
 * together would else come back together, and most of them be refused again (docs/scale.md).
 */
export const retryAfter = (seconds: number | undefined = 1 + Math.floor(MOST_SECONDS * Math.random())) => ({
  'retry-after': String(seconds),
})
