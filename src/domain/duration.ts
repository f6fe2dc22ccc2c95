/** The original reads each part into 32 bits, and refuses a larger one. */
const LARGEST_PART = 2_147_483_647
const SECONDS_PER = { day: 86_400, hour: 3600, minute: 60 }

// ISO 8601-1 §5.5.2.2. As in XSD the designators have this order, and at least one is there.
const ISO =
  /^(-)?P(?=\d|T\d)(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:[.,]\d+)?S)?)?$/
// .NET reads `30:00:00` as 30 days: an hour beyond 23 is ambiguous, and refused.
const DOTNET = /^(-)?(?:(\d+)\.)?(\d|[01]\d|2[0-3]):([0-5]\d):([0-5]\d)(?:\.\d+)?$/
/** The longest text that is parsed. */
const MAX_LENGTH = 100

/**
 * Seconds in a duration, written in ISO 8601 (`P30D`) or as in Broker's answers (`30.00:00:00`). As in the original a
 * year is 365 days and a month 30. Fractions of a second are dropped. Undefined for anything else.
 */
export function parseDuration(text: string): number | undefined {
  if (text.length > MAX_LENGTH || /[^ -~]/.test(text)) return undefined // spaces around it, but no line end
  const iso = ISO.exec(text.trim())
  if (text.match(/\d+/g)?.some((number) => Number(number) > LARGEST_PART)) return undefined
  if (iso) {
    const [years, months, days, hours, minutes, seconds] = iso.slice(2).map((part) => Number(part ?? 0))
    return signed(iso[1], (years ?? 0) * 365 + (months ?? 0) * 30 + (days ?? 0), hours ?? 0, minutes ?? 0, seconds ?? 0)
  }
  const dotnet = DOTNET.exec(text.trim())
  if (!dotnet) return undefined
  const [days, hours, minutes, seconds] = dotnet.slice(2).map((part) => Number(part ?? 0))
  return signed(dotnet[1], days ?? 0, hours ?? 0, minutes ?? 0, seconds ?? 0)
}

const signed = (sign: string | undefined, days: number, hours: number, minutes: number, seconds: number) =>
  (sign ? -1 : 1) * (days * SECONDS_PER.day + hours * SECONDS_PER.hour + minutes * SECONDS_PER.minute + seconds)

/** The time this many seconds later. */
export const addSeconds = (at: Date, seconds: number): Date => new Date(at.getTime() + seconds * 1000)

/** The shortest form in ISO 8601, with its sign: `P7D`, `-PT1H30M`. */
export function isoDuration(seconds: number): string {
  const size = Math.abs(seconds)
  const days = Math.floor(size / SECONDS_PER.day)
  const clock = [
    [Math.floor(size / SECONDS_PER.hour) % 24, 'H'],
    [Math.floor(size / SECONDS_PER.minute) % 60, 'M'],
    [size % 60, 'S'],
  ] as const
  const time = clock.map(([part, unit]) => (part > 0 ? `${part}${unit}` : '')).join('')
  return `${seconds < 0 ? '-' : ''}P${days > 0 ? `${days}D` : ''}${time || days === 0 ? `T${time || '0S'}` : ''}`
}

/** The form in Broker's answers: `30.00:00:00`, `02:00:00`. */
export function formatDuration(seconds: number): string {
  const days = Math.floor(seconds / SECONDS_PER.day)
  const clock = [
    Math.floor(seconds / SECONDS_PER.hour) % 24,
    Math.floor(seconds / SECONDS_PER.minute) % 60,
    seconds % 60,
  ]
  return (days > 0 ? `${days}.` : '') + clock.map((part) => String(part).padStart(2, '0')).join(':')
}
