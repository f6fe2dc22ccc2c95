// Days as people write them, in either language of the console: day, month, year.

/** `2026-11-03` for `3.11.2026`, `03/11/26` or `03112026`, and for itself; undefined for what is no day. */
export function dayIn(text: string): string | undefined {
  const parts =
    /^(?<day>\d{1,2})[./\s-]+(?<month>\d{1,2})[./\s-]+(?<year>\d{4}|\d\d)$/.exec(text.trim()) ??
    /^(?<day>\d\d)(?<month>\d\d)(?<year>\d{4})$/.exec(text.trim()) ??
    /^(?<year>\d{4})-(?<month>\d\d)-(?<day>\d\d)$/.exec(text.trim())
  if (!parts?.groups) return undefined
  const { day = '', month = '', year = '' } = parts.groups
  const iso = `${year.padStart(4, '20')}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`
  const date = new Date(`${iso}T00:00:00Z`)
  // 31.02. would be 3.3.
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(iso) ? iso : undefined
}

/** `03.11.2026` for `2026-11-03`. */
export const dayText = (iso: string, locale: string): string =>
  new Intl.DateTimeFormat(locale, { day: '2-digit', month: '2-digit', year: 'numeric', timeZone: 'UTC' }).format(
    new Date(`${iso}T00:00:00Z`),
  )

/** The day of a time of Broker's in words: `3. november 2026`. */
export const longDayText = (iso: string, locale: string): string =>
  new Intl.DateTimeFormat(locale, { dateStyle: 'long' }).format(new Date(iso))
