import { printable } from './printable.js'

/** The standard output or error stream. */
export type TextStream = { isTTY?: boolean; write(text: string): unknown }

export type Output = ReturnType<typeof outputTo>

const REDRAW_MS = 100
const BAR_WIDTH = 30
const LINE_MS = 5000

/** Writes results to `out`, and progress to `err` unless `quiet`. */
export function outputTo(out: TextStream, err: TextStream, { json, quiet }: { json: boolean; quiet: boolean }) {
  return {
    /** A result, for programs and for people. */
    result: (value: unknown, ...lines: string[]) =>
      void out.write(json ? `${JSON.stringify(value)}\n` : lines.map((line) => `${printable(line)}\n`).join('')),
    say: (line: string) => void (quiet || json || err.write(`${printable(line)}\n`)),
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
    const filled = Math.round(fraction * BAR_WIDTH)
    const bar = to.isTTY ? `${'█'.repeat(filled)}${'░'.repeat(BAR_WIDTH - filled)} ` : ''
    const perSecond = (bytes - (earlierBytes ?? 0)) / Math.max((now() - startedAt) / 1000, 0.001)
    const left = bytes < total && perSecond > 0 ? `  ${durationOf((total - bytes) / perSecond)} left` : ''
    const percent = `${Math.floor(fraction * 100)}`.padStart(3)
    return `${printable(label)} ${bar}${percent} %  ${sizeOf(bytes)} of ${sizeOf(total)}  ${sizeOf(perSecond)}/s${left}`
  }
  return {
    show(bytes: number, total: number) {
      earlierBytes ??= bytes < total ? bytes : 0
      last = [bytes, total]
      if (now() - shownAt < (to.isTTY ? REDRAW_MS : LINE_MS)) return
      shownAt = now()
      to.write(to.isTTY ? `\r\x1b[K${line(bytes, total)}` : `${line(bytes, total)}\n`)
    },
    end() {
      if (earlierBytes === undefined) return
      to.write(`${to.isTTY ? '\r\x1b[K' : ''}${line(...last)}\n`)
    },
  }
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB']

/** `12.3 MB` */
export function sizeOf(bytes: number): string {
  const power = Math.min(Math.max(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), 0), UNITS.length - 1)
  return `${(bytes / 1000 ** power).toFixed(power === 0 ? 0 : 1)} ${UNITS[power]}`
}

/** `1:02:03`, or `2:03`. */
export function durationOf(seconds: number): string {
  const whole = Math.ceil(seconds)
  const two = (part: number) => String(part).padStart(2, '0')
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60]
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`
}
