import { Transform } from 'node:stream'

type Output = { isTTY?: boolean; write(text: string): unknown }

const REDRAW_MS = 100
const BAR_WIDTH = 30

/** Lets bytes pass and shows how many of `totalBytes` have: a bar in a terminal, elsewhere a line for every quarter. */
export function progress(label: string, totalBytes: number, output: Output, now = () => performance.now()): Transform {
  const started = now()
  let passed = 0
  let shownAt = Number.NEGATIVE_INFINITY
  let shownQuarter = 0

  const line = () => {
    const fraction = totalBytes === 0 ? 1 : passed / totalBytes
    const filled = Math.min(BAR_WIDTH, Math.round(fraction * BAR_WIDTH))
    const bar = output.isTTY ? `${'█'.repeat(filled)}${'░'.repeat(BAR_WIDTH - filled)} ` : ''
    const percent = `${Math.floor(fraction * 100)}`.padStart(3)
    const megabytesPerSecond = passed / 1e6 / Math.max((now() - started) / 1000, 0.001)
    return `  ${label.padEnd(32)} ${bar}${percent} %  ${megabytesPerSecond.toFixed(1).padStart(7)} MB/s`
  }
  const show = (last: boolean) => {
    if (output.isTTY) {
      if (!last && now() - shownAt < REDRAW_MS) return
      shownAt = now()
      output.write(`\r${line()}${last ? '\n' : ''}`)
      return
    }
    const quarter = Math.floor((passed / totalBytes) * 4)
    if (last || (quarter > shownQuarter && quarter < 4)) output.write(`${line()}\n`)
    shownQuarter = quarter
  }

  return new Transform({
    transform(chunk: Buffer, _, done) {
      passed += chunk.length
      show(false)
      done(null, chunk)
    },
    flush(done) {
      show(true)
      done()
    },
  })
}
