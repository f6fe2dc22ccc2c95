/** What is wrong with the input, by the name of the field. */
export type InputErrors = Record<string, string[]>

/** The most messages in an answer; the others are counted. */
const MAX_MESSAGES = 50
/** So much of a text that the caller chose is shown. */
const MAX_SHOWN = 100

/** The messages by the name of their field, in the order in which they come. Beyond the first 50 they are counted. */
export function errorsBy(found: Iterable<[name: string, message: string]>): InputErrors {
  const errors = new Map<string, string[]>()
  let count = 0
  let last = ''
  for (const [name, message] of found) {
    if (++count > MAX_MESSAGES) continue
    last = shown(name)
    const messages = errors.get(last)
    if (messages) messages.push(message)
    else errors.set(last, [message])
  }
  if (count > MAX_MESSAGES) errors.get(last)?.push(`and ${count - MAX_MESSAGES} more`)
  return Object.fromEntries(errors)
}

/** A text of the caller's as an answer repeats it: well-formed, and cut when it is long. */
export const shown = (text: string): string =>
  (text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text).toWellFormed()
