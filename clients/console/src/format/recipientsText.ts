import type { Texts } from '../texts/nb.js'
import { organizationText } from './numbers.js'

/** How many are named. */
export const SHOWN = 3

/** `Fjord Regnskap AS, Nordlys Arkiv AS, 974 760 673 og 997 til`. */
export function recipientsText(
  numbers: string[],
  nameOf: (number: string) => string | undefined,
  texts: Texts,
  count = SHOWN,
): string {
  const shown = numbers.slice(0, count).map((number) => nameOf(number) ?? organizationText(number))
  const others = numbers.length - count
  return others > 0
    ? `${shown.join(', ')} ${texts.andOthers(new Intl.NumberFormat(texts.locale).format(others))}`
    : shown.join(', ')
}
