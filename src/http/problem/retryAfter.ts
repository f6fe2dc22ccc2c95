const MAX_JITTER_SECONDS = 5

/**
 * When a caller may try again: after these seconds, or with jitter after a few. Callers who are refused
 * together would else try again together, and most of them be refused again (docs/scale.md).
 */
export const retryAfter = (seconds: number | undefined = 1 + Math.floor(MAX_JITTER_SECONDS * Math.random())) => ({
  'retry-after': String(seconds),
})
