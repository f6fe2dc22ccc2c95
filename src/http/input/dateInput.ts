const ISO = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,20})?)?))?\s*(Z|[+-]\d{2}(?::?\d{2})?)?$/i
// `Fri, 19 Apr 2024 07:22:19 GMT` and `04/19/2024 07:22:19`
const OTHERS = [
  /^[a-z]{3}, \d{1,2} [a-z]{3} \d{4} \d{2}:\d{2}:\d{2} GMT$/i,
  /^\d{1,2}\/\d{1,2}\/\d{4}(?: \d{1,2}:\d{2}(?::\d{2})?)?$/,
]

/**
 * A time in ISO 8601, with a space for the T if need be, or in another common form. Without an offset it is UTC (spec
 * 4.4).
 */
export function parseDate(text: string): Date | undefined {
  const trimmed = text.trim()
  const [iso, year, month, day, time = '00:00', offset = 'Z'] = ISO.exec(trimmed) ?? []
  if (iso) {
    // Date would take 31 February for 2 March, and 24:00 for the next day.
    const isDay = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day))).getUTCDate() === Number(day)
    // Date knows neither a comma before the fraction nor an offset in hours.
    const at = new Date(`${year}-${month}-${day}T${time.replace(',', '.')}${offset.replace(/^([+-]\d{2})$/, '$1:00')}`)
    return isDay && !time.startsWith('24') && !Number.isNaN(at.getTime()) ? at : undefined
  }
  if (!OTHERS.some((form) => form.test(trimmed))) return undefined
  const at = new Date(trimmed.endsWith('GMT') ? trimmed : `${trimmed} UTC`)
  return Number.isNaN(at.getTime()) ? undefined : at
}
