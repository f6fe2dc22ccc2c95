const DAY_MS = 86_400_000
const MONTHS = ['', 'jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']

type Field = { low: number; high: number; names?: string[] }

/** A time span (`d.hh:mm:ss`) in milliseconds; undefined: it is none. */
export function timeSpanMs(text: string): number | undefined {
  const span = /^(?:(\d+)\.)?(\d+):(\d+)(?::(\d+))?$/.exec(text)
  if (!span) return undefined
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = span.slice(1).map((part) => Number(part ?? 0))
  return (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000
}

/**
 * A function from a time to the next due time after it, in UTC. `expression` is NCRONTAB of five or six fields, or a
 * time span (`d.hh:mm:ss`).
 * @throws for anything else.
 */
export function schedule(expression: string): (from: Date) => Date {
  const span = timeSpanMs(expression)
  if (span !== undefined) return (from) => new Date(from.getTime() + span)
  const fields = expression.trim().split(/\s+/)
  if (fields.length === 5) fields.unshift('0')
  if (fields.length !== 6) throw new Error(`"${expression}" is not a schedule.`)
  const field = (at: number, limits: Field) => allowed(fields[at] ?? '', limits)
  const second = field(0, { low: 0, high: 59 })
  const minute = field(1, { low: 0, high: 59 })
  const hour = field(2, { low: 0, high: 23 })
  const day = field(3, { low: 1, high: 31 })
  const month = field(4, { low: 1, high: 12, names: MONTHS })
  const weekday = field(5, { low: 0, high: 6, names: WEEKDAYS })

  return (from) => {
    const at = new Date(Math.floor(from.getTime() / 1000) * 1000 + 1000)
    for (const end = at.getTime() + 9 * 366 * DAY_MS; at.getTime() < end; ) {
      if (!month.has(at.getUTCMonth() + 1)) at.setTime(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1))
      else if (!day.has(at.getUTCDate()) || !weekday.has(at.getUTCDay())) at.setUTCHours(24, 0, 0)
      else if (!hour.has(at.getUTCHours())) at.setUTCMinutes(60, 0)
      else if (!minute.has(at.getUTCMinutes())) at.setUTCSeconds(60)
      else if (!second.has(at.getUTCSeconds())) at.setUTCSeconds(at.getUTCSeconds() + 1)
      else return at
    }
    throw new Error(`The schedule "${expression}" is never due.`)
  }
}

/** The values that one field of a schedule allows. `0-20/5` is every fifth from 0 to 20, `3/5` every fifth from 3. */
function allowed(field: string, { low, high, names = [] }: Field): Set<number> {
  const number = (text: string) => {
    const named = text === '' ? -1 : names.indexOf(text.toLowerCase().slice(0, 3))
    const value = named >= 0 ? named : Number(text || Number.NaN)
    if (!Number.isInteger(value) || value < low || value > high) {
      throw new Error(`"${text}" is not allowed in a schedule here.`)
    }
    return value
  }
  const values = new Set<number>()
  for (const part of field.split(',')) {
    const [range = '', step] = part.split('/')
    const [from = low, to = step ? high : from] = range === '*' ? [low, high] : range.split('-').map(number)
    const by = Number(step ?? 1)
    if (!Number.isInteger(by) || by < 1) throw new Error(`"${part}" is not allowed in a schedule here.`)
    for (let value = from; value <= to; value += by) values.add(value)
  }
  return values
}
