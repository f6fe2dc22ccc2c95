import { printable } from './printable.js'

/** The standard output or error stream. */
export type TextStream = { isTTY?: boolean; columns?: number; write(text: string): unknown }

export type Output = ReturnType<typeof outputTo>

const REDRAW_MS = 100
const BAR_WIDTH = 30
const MIN_BAR_WIDTH = 5
const LINE_MS = 5000
const CLEAR = '\r\x1b[K'

/** Writes results to `out`, and progress to `err` unless `quiet`. */
export function outputTo(out: TextStream, err: TextStream, { json, quiet }: { json: boolean; quiet: boolean }) {
  return {
    /** A result, for programs and for people. */
    result: (value: unknown, ...lines: string[]) =>
      void out.write(json ? `${JSON.stringify(value)}\n` : lines.map((line) => `${printable(line)}\n`).join('')),
    /** The head of a table of results, for people. */
    heading: (line: string) => void (json || out.write(`${printable(line)}\n`)),
    /** A sentence beside the results. It takes the place of a meter, which is drawn again below it. */
    say: (line: string) => void (quiet || json || err.write(`${err.isTTY ? CLEAR : ''}${printable(line)}\n`)),
    /** What a program should know, too, that reads the results alone. */
    warn: (line: string) => void (quiet || err.write(`${err.isTTY ? CLEAR : ''}${printable(line)}\n`)),
    meter: (label: string) => (quiet || json ? { show: () => {}, end: () => {} } : meter(label, err)),
  }
}

/** The progress of a file, its speed and the time left: a bar in a terminal, elsewhere a line every five seconds. */
export function meter(label: string, to: TextStream, now: () => number = () => performance.now()) {
  const startedAt = now()
  /** The bytes of an earlier try do not count for the speed of this one. */
  let earlierBytes: number | undefined
  let shownAt = to.isTTY ? Number.NEGATIVE_INFINITY : startedAt
  let last: [number, number] = [0, 0]
  const line = (bytes: number, total: number) => {
    const fraction = total === 0 ? 1 : bytes / total
    const perSecond = (bytes - (earlierBytes ?? 0)) / Math.max((now() - startedAt) / 1000, 0.001)
    const left = bytes < total && perSecond > 0 ? `  ${durationOf((total - bytes) / perSecond)} left` : ''
    const percent = `${Math.floor(fraction * 100)}`.padStart(3)
    const numbers = `${percent} %  ${sizeOf(bytes)} of ${sizeOf(total)}  ${sizeOf(perSecond)}/s${left}`
    return to.isTTY ? fitted(printable(label), fraction, numbers, to.columns) : `${printable(label)} ${numbers}`
  }
  return {
    show(bytes: number, total: number) {
      earlierBytes ??= bytes < total ? bytes : 0
      last = [bytes, total]
      if (now() - shownAt < (to.isTTY ? REDRAW_MS : LINE_MS)) return
      shownAt = now()
      to.write(to.isTTY ? `${CLEAR}${line(bytes, total)}` : `${line(bytes, total)}\n`)
    },
    end() {
      if (earlierBytes === undefined) return
      to.write(`${to.isTTY ? CLEAR : ''}${line(...last)}\n`)
    },
  }
}

/** A label, a bar and numbers on one line of a terminal: a line that wraps could not be drawn again. */
function fitted(label: string, fraction: number, numbers: string, columns = Number.POSITIVE_INFINITY): string {
  const room = columns - numbers.length - 2
  const name = label.length > room ? `${label.slice(0, Math.max(room - 1, 0))}…` : label
  const width = Math.min(BAR_WIDTH, room - name.length - 1)
  if (width < MIN_BAR_WIDTH) return `${name} ${numbers}`.slice(0, Math.max(columns - 1, 0))
  const filled = Math.round(fraction * width)
  return `${name} ${'█'.repeat(filled)}${'░'.repeat(width - filled)} ${numbers}`
}

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB']

/** `52.4 MiB`, as in the console. */
export function sizeOf(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(Math.floor(Math.log2(bytes) / 10), UNITS.length - 1)
  return `${(bytes / 1024 ** power).toFixed(power === 0 ? 0 : 1).replace(/\.0$/, '')} ${UNITS[power]}`
}

/** `1 min 5 s`; without seconds from one hour on. */
export function durationOf(seconds: number): string {
  const whole = Math.max(1, Math.ceil(seconds))
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60]
  const parts = [hours > 0 && `${hours} h`, minutes > 0 && `${minutes} min`, hours === 0 && rest > 0 && `${rest} s`]
  return parts.filter(Boolean).join(' ')
}
