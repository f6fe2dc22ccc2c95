/**
 * Whether every text in a JSON value, the keys too, is Unicode. Half of a surrogate pair, as an escape in JSON can write it, is none: not
 * everybody who is to read it can.
 */
export function isWellFormed(value: unknown): boolean {
  if (typeof value === 'string') return value.isWellFormed()
  if (typeof value !== 'object' || value === null) return true
  return Object.entries(value).every(([key, each]) => key.isWellFormed() && isWellFormed(each))
}

export const ILL_FORMED = 'It holds what is no Unicode: half of a surrogate pair, or bytes that are not UTF-8.'
