#!/usr/bin/env node
import { errorLines, exitCodeOf, Interrupted } from './errors.js'
import { run } from './run.js'

const stop = new AbortController()
let isStopping = false
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    if (isStopping) process.exit(130)
    isStopping = true
    stop.abort(new Interrupted('Interrupted'))
  })
}
// The reader of the output may close it early: `altinn-broker inbox | head`.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))

const argv = process.argv.slice(2)
await run(argv, stop.signal).catch((error: unknown) => {
  process.exitCode = exitCodeOf(error)
  for (const line of errorLines(error, { json: argv.includes('--json'), command: argv[0] }))
    process.stderr.write(`${line}\n`)
})
