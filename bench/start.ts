// How long the packaged app takes from the start of its process to its first answer, on our own host, and what it holds
// then; with the size of the package. How often: `node dist/bench/start.js 10`.
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { startStack } from '../local/stack.js'
import { quantile } from './quantile.js'
import { memory } from './transferring.js'

const RUNS = Number(process.argv[2] ?? 10)

const median = (values: number[]) => quantile(values, 0.5)

const folder = await mkdtemp(join(tmpdir(), 'broker-start-'))
try {
  const { stdout } = await promisify(execFile)(process.execPath, [
    join(import.meta.dirname, '../tools/package.js'),
    folder,
  ])
  console.log(stdout.trim().replace(/^\S+\//, ''))
  const stack = await startStack({ ports: 'free', appFolder: join(folder, 'app') })
  try {
    const [times, held]: [number[], number[]] = [[], []]
    for (let run = 0; run < RUNS; run++) {
      await stack.killApp()
      const start = performance.now()
      await stack.startApp()
      const answer = await fetch(`${stack.urls.app}/health`)
      await answer.text()
      if (!answer.ok) throw new Error(`The app answers ${answer.status}.`)
      times.push(performance.now() - start)
      held.push(await memory(stack.appPid, 'VmRSS'))
    }
    console.log(
      `first answer after ${median(times).toFixed(0)} ms (at most ${Math.max(...times).toFixed(0)}), ${median(held).toFixed(0)} MiB held: medians of ${RUNS} starts`,
    )
  } finally {
    await stack.stop()
  }
} finally {
  await rm(folder, { recursive: true, force: true })
}
