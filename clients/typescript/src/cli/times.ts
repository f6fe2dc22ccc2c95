import { UsageError } from './errors.js'
import { textIn, type Values } from './options.js'

const UNIT_MS: Record<string, number> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 }
const DATE = /^\d{4}-\d\d-\d\d$/
const DATE_AND_TIME = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?$/i

/**
 * The time of an option, ISO 8601: a duration before now (`7d`), a date of this machine's time zone, or a date and time.
 * A date alone is its first moment for `--since`, and its last for `--until`. @throws UsageError
 */
export function timeIn(values: Values, name: 'since' | 'until', now: number = Date.now()): string | undefined {
  const text = textIn(values, name)?.trim()
  if (text === undefined) return undefined
  const ms = durationMs(text)
  const time = ms === undefined ? dateIn(text, name) : new Date(now - ms)
  if (!time || Number.isNaN(time.getTime()))
    throw new UsageError(`--${name} is a date (2026-11-28), a time (2026-11-28T14:30) or a duration (7d), not ${text}`)
  return time.toISOString()
}

/**
 * The time of an option that is to come: a duration after now (`7d`), or a date or a time as above. A date alone is its
 * last moment. @throws UsageError
 */
export function timeAheadIn(values: Values, name: 'until', now: number = Date.now()): string | undefined {
  const text = textIn(values, name)?.trim()
  const ms = text === undefined ? undefined : durationMs(text)
  return ms === undefined ? timeIn(values, name, now) : new Date(now + ms).toISOString()
}

function durationMs(text: string): number | undefined {
  const [, count = '', unit = ''] = /^(\d{1,5})([mhdw])$/i.exec(text) ?? []
  return count ? Number(count) * (UNIT_MS[unit.toLowerCase()] ?? 0) : undefined
}

function dateIn(text: string, name: 'since' | 'until'): Date | undefined {
  if (!DATE.test(text) && !DATE_AND_TIME.test(text)) return undefined
  const [year = 0, month = 0, day = 0] = text.slice(0, 10).split('-').map(Number)
  const date = new Date(year, month - 1, day)
  // `2026-02-30` would be March.
  if (date.getMonth() !== month - 1) return undefined
  if (DATE_AND_TIME.test(text)) return new Date(text.replace(' ', 'T'))
  return name === 'since' ? date : new Date(year, month - 1, day, 23, 59, 59, 999)
}

/** `2026-11-28 14:30:05`, in the time zone of this machine. */
export function timeText(iso: string): string {
  const time = new Date(iso)
  const two = (part: number) => String(part).padStart(2, '0')
  const date = [time.getFullYear(), two(time.getMonth() + 1), two(time.getDate())].join('-')
  return `${date} ${[time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join(':')}`
}
