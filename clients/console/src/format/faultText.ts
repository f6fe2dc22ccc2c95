import type { Fault } from '../state/sending/draft.js'
import type { Texts } from '../texts/nb.js'

const SHOWN = 5
const LONGEST = 40

/** What is wrong with a field, in a sentence; of a long list the first parts. */
export function faultText({ field, wrong, texts: parts }: Fault, texts: Texts): string {
  const shown = parts.slice(0, SHOWN).map((part) => (part.length > LONGEST ? `${part.slice(0, LONGEST)}…` : part))
  const others = parts.length - SHOWN
  const list = shown.join(', ') + (others > 0 ? ` ${texts.andOthers(String(others))}` : '')
  return texts.faults[field]?.[wrong]?.(list) ?? wrong
}
