import { parseArgs } from 'node:util'

/** How long and how much. The same seed gives the same plan of transfers and of restarts. */
export type SoakOptions = {
  minutes: number
  seed: number
  /** Transfers that begin in a second, on average. */
  rate: number
  /** The folder of the report. */
  out: string
}

const USAGE = 'npm run soak -- [MINUTES] [--seed N] [--rate TRANSFERS_A_SECOND] [--out FOLDER]'

/** The options in these arguments. @throws with the usage. */
export function optionsOf(args: string[], anySeed: number): SoakOptions {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { seed: { type: 'string' }, rate: { type: 'string' }, out: { type: 'string' } },
  })
  const [minutes = '60', ...rest] = positionals
  const { seed = `${anySeed}`, rate = '1', out = 'docs/performance/soak' } = values
  const options = { minutes: Number(minutes), seed: Number(seed), rate: Number(rate), out }
  const isUsable = options.minutes > 0 && options.rate > 0 && Number.isInteger(options.seed) && rest.length === 0
  if (!isUsable || !Number.isFinite(options.minutes * options.rate)) throw new Error(USAGE)
  return options
}

/** The durations of a run, in seconds: days and hours of Broker's defaults are seconds and minutes here. */
export type Times = {
  /** Time to live of a file, and of one that nobody is expected to fetch. */
  timeToLive: number
  shortTimeToLive: number
  grace: number
  /** From the publication to the first reminder, and from the second to the expiry. */
  reminder: number
  scanOverdue: number
  uploadIdle: number
  processingOverdue: number
  /** Between the end of one disturbance and the next one, on average. */
  calm: number
  /** How long a part is down, at most. */
  down: number
}

/** The durations for a run of so many minutes. */
export function timesOf(minutes: number): Times {
  const timeToLive = Math.round(Math.min(300, Math.max(10, minutes * 15)))
  const part = (share: number, least: number) => Math.max(least, Math.round(timeToLive * share))
  return {
    timeToLive,
    shortTimeToLive: part(0.4, 5),
    grace: part(0.05, 2),
    reminder: part(0.3, 3),
    scanOverdue: part(0.4, 8),
    uploadIdle: part(0.5, 60),
    processingOverdue: part(0.1, 5),
    calm: part(0.1, 3),
    down: part(0.03, 1),
  }
}
