import { parseArgs } from 'node:util'

/** An amount of load, spent or allowed. */
export type Amount = { transfers: number; bytes: number; dollars: number }

export type Plan = {
  minutes: number
  /** Transfers started per second. */
  rate: number
  /** Maximum number of transfers in flight. */
  concurrency: number
  /** Sizes of the files in bytes, used in turn. */
  sizes: number[]
  most: Amount
  resource: string
  sender: string
  recipients: string[]
  report: string
}

const DEFAULTS = {
  minutes: '60',
  rate: '0.5',
  concurrency: '50',
  sizes: '1KiB,1MiB,10MiB',
  'max-transfers': '2000',
  'max-gib': '30',
  'max-dollars': '10',
  resource: 'altinn-broker-test-resource-1',
  sender: '991825827',
  recipients: '986252932,910753614',
  report: 'build/load.md',
}

/** The plan in the arguments. @throws with a sentence on the first that cannot be used. */
export function planOf(args: string[]): Plan {
  const options = Object.fromEntries(Object.keys(DEFAULTS).map((name) => [name, { type: 'string' as const }]))
  const values = { ...DEFAULTS, ...(parseArgs({ args, options }).values as Partial<typeof DEFAULTS>) }
  const positive = (name: keyof typeof DEFAULTS) => {
    const value = Number(values[name])
    if (!(value > 0) || !Number.isFinite(value))
      throw new Error(`--${name} is "${values[name]}", which is not above 0.`)
    return value
  }
  return {
    minutes: positive('minutes'),
    rate: positive('rate'),
    concurrency: positive('concurrency'),
    sizes: values.sizes.split(',').map(bytesOf),
    most: {
      transfers: positive('max-transfers'),
      bytes: positive('max-gib') * 2 ** 30,
      dollars: positive('max-dollars'),
    },
    resource: values.resource,
    sender: values.sender,
    recipients: values.recipients.split(','),
    report: values.report,
  }
}

const UNITS = { B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 }

function bytesOf(size: string): number {
  const [, count, unit] = /^(\d+)(B|KiB|MiB|GiB)$/.exec(size) ?? []
  if (!count) throw new Error(`--sizes has "${size}", which is no size such as 10MiB.`)
  return Number(count) * UNITS[unit as keyof typeof UNITS]
}

// What a call and a byte cost more, by the prices in docs/operations/cost.md and rounded up; what stands there anyway
// is not counted.
const DOLLARS = { transfer: 0.0005, gibUp: 0.18, gibDown: 0.09 }

/** What one transfer of this size costs, to recipients who all download it. */
export const amountOf = (size: number, recipients: number): Amount => ({
  transfers: 1,
  bytes: size * (1 + recipients),
  dollars: DOLLARS.transfer + (size / 2 ** 30) * (DOLLARS.gibUp + recipients * DOLLARS.gibDown),
})

const KINDS = ['transfers', 'bytes', 'dollars'] as const

export const sum = (one: Amount, other: Amount): Amount => ({
  transfers: one.transfers + other.transfers,
  bytes: one.bytes + other.bytes,
  dollars: one.dollars + other.dollars,
})

/** The limit that would be exceeded; undefined: none. */
export const limitPassed = (amount: Amount, most: Amount) => KINDS.find((kind) => amount[kind] > most[kind])
