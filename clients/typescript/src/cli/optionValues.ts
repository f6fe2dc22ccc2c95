import type { Run } from './command.js'
import { LOCAL } from './connect.js'
import { UsageError } from './errors.js'
import { textIn, type Values } from './options.js'

// The values of options, parsed.

export const isLocal = ({ values }: Pick<Run, 'values'>): boolean => values.local === true

/** The resource of the option, else of the settings, else the default of the local stack. */
export function resourceIn(run: Run): string {
  const named = textIn(run.values, 'resource') ?? run.settings.resource ?? (isLocal(run) ? LOCAL.resource : undefined)
  if (!named) throw new UsageError('Of which resource? Give --resource ID')
  return named
}

/** A whole number of at least 1. */
export function countIn(values: Values, name: string): number | undefined {
  const text = textIn(values, name)
  if (text === undefined) return undefined
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new UsageError(`--${name} is a number from 1 on, not ${text}`)
  return Number(text)
}

/** How often a call is tried: with `--retry`, patiently unless it says otherwise. */
export function triesIn(values: Values, isPatient: boolean): number {
  const text = textIn(values, 'retry') ?? (isPatient ? 'FOREVER' : '5')
  if (text.toUpperCase() === 'FOREVER') return Number.POSITIVE_INFINITY
  if (!/^\d{1,6}$/.test(text)) throw new UsageError(`--retry is a number, or FOREVER, not ${text}`)
  return Number(text) + 1
}

const FACTORS: Record<string, number> = {
  '': 1,
  b: 1,
  k: 1e3,
  kb: 1e3,
  m: 1e6,
  mb: 1e6,
  g: 1e9,
  gb: 1e9,
  t: 1e12,
  tb: 1e12,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  tib: 2 ** 40,
}

/** A number of bytes, with or without a unit. */
export function bytesIn(values: Values, name: string): number | undefined {
  const text = textIn(values, name)
  if (text === undefined) return undefined
  const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text) ?? []
  const bytes = Math.round(Number(number) * (FACTORS[unit.toLowerCase()] ?? Number.NaN))
  if (number === '' || !Number.isSafeInteger(bytes) || bytes < 1)
    throw new UsageError(`--${name} is a size such as 16MiB, not ${text}`)
  return bytes
}

/** The durations of `--remind`, several times or with commas; undefined without it. @throws UsageError */
export function remindersIn({ remind }: Values): string[] | undefined {
  if (remind === undefined) return undefined
  const reminders = [remind].flat().flatMap((each) =>
    String(each)
      .split(',')
      .map((text) => text.trim()),
  )
  if (!reminders.includes('none')) return reminders
  if (reminders.length > 1) throw new UsageError('--remind none stands alone')
  return []
}
