import { dayIn } from './days.js'

/** The day and the time of day of an expiry as people write them, in the time zone of the reader. */
export function expiryFields(iso: string, locale: string): { day: string; clock: string } {
  const time = new Date(iso)
  const day = new Intl.DateTimeFormat(locale, { day: '2-digit', month: '2-digit', year: 'numeric' }).format(time)
  const two = (part: number) => String(part).padStart(2, '0')
  return { day, clock: `${two(time.getHours())}:${two(time.getMinutes())}` }
}

/** The time of these fields, or which of them is none. */
export function expiryIn(day: string, clock: string): { time: Date } | { isNo: 'day' | 'clock' } {
  const iso = dayIn(day)
  if (!iso) return { isNo: 'day' }
  const [, hours = '', minutes = ''] = /^([01]?\d|2[0-3])[:.]?([0-5]\d)$/.exec(clock.trim()) ?? []
  if (!hours) return { isNo: 'clock' }
  return { time: new Date(`${iso}T${hours.padStart(2, '0')}:${minutes}`) }
}
