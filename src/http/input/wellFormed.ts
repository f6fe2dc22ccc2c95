/**
 * Whether every text in a JSON value, the keys too, is Unicode. Half of a surrogate pair, which an escape in JSON can
 * write, is none: not every reader takes it.
 */
export function isWellFormed(value: unknown): boolean {
  if (typeof value === 'string') return value.isWellFormed()
  if (typeof value !== 'object' || value === null) return true
  return Object.entries(value).every(([key, each]) => key.isWellFormed() && isWellFormed(each))
}

/** The refusal of a value that is not well-formed. */
export const ILL_FORMED = 'It holds what is no Unicode: half of a surrogate pair, or bytes that are not UTF-8.'
