import type { Texts } from '../texts/nb.js'

const UNITS = ['day', 'hour', 'minute', 'second'] as const
/** As Broker writes them. */
const DURATION = /^-?P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/

/** `7 days after …`, `1 day, 12 hours before …`; a duration in another form as it is. */
export function reminderText(reminder: string, texts: Texts): string {
  const parts = DURATION.exec(reminder)?.slice(1)
  const words = parts?.flatMap((part, at) =>
    part === undefined
      ? []
      : new Intl.NumberFormat(texts.locale, { style: 'unit', unit: UNITS[at] ?? 'day', unitDisplay: 'long' }).format(
          Number(part),
        ),
  )
  const duration = words?.join(', ') ?? reminder
  return reminder.startsWith('-') ? texts.beforeExpiry(duration) : texts.afterPublication(duration)
}
