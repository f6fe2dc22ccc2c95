// `npm run soak`: an hour of load as it is in life, while every part is restarted, and a report:
// docs/performance/soak.md.
import { execFile } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { cpus, totalmem } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { projectRoot } from '../local/paths.js'
import { optionsOf } from './soak/options.js'
import { lineChart } from './soak/report/charts.js'
import { chartsOf, reportOf, verdictLine } from './soak/report/report.js'
import { soak } from './soak/soak.js'

const log = (line: string) => console.log(`${new Date().toISOString().slice(11, 19)}  ${line}`)

async function commit(): Promise<string> {
  const { stdout } = await promisify(execFile)('git', ['rev-parse', '--short', 'HEAD'], { cwd: projectRoot })
  return stdout.trim()
}

async function main(): Promise<boolean> {
  const options = optionsOf(process.argv.slice(2), Math.floor(Math.random() * 1e9))
  const { minutes, seed, rate, out } = options
  const command = `npm run soak -- ${minutes} --seed ${seed} --rate ${rate}`
  const stop = new AbortController()
  process.on('SIGINT', () => (stop.signal.aborted ? process.exit(130) : stop.abort())).on('SIGTERM', () => stop.abort())
  const logFile = join(projectRoot, 'build/soak.log')
  log(`${command}; Ctrl-C ends the load. All that the parts say is in build/soak.log.`)
  const everyMs = minutes < 3 ? 10_000 : 60_000

  const own: string[] = []
  process.on('uncaughtException', (error) => {
    own.push(`this tool: ${error.stack ?? error}`)
    log(`this tool: ${error}`)
  })
  const result = await soak(options, { log, logFile, everyMs, stop: stop.signal })

  result.unexpected.push(...own)
  const folder = resolve(projectRoot, out)
  await mkdir(folder, { recursive: true })
  for (const [name, chart] of Object.entries(chartsOf(result)))
    await writeFile(join(folder, `${name}.svg`), lineChart(chart, result.outages, result.startedAt))
  const { version } = JSON.parse(await readFile(join(projectRoot, 'package.json'), 'utf8')) as { version: string }
  const machine = `${cpus().length} × ${cpus()[0]?.model}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node.js ${process.version}`
  const text = reportOf(result, { version, commit: await commit(), machine, command })
  await writeFile(join(folder, 'report.md'), text)
  log(`The report is in ${join(out, 'report.md')}.`)
  for (const { verdict, what, id } of result.findings) console.log(`${verdict}: ${what} ${id}`)
  console.log(verdictLine(result.findings))
  return result.findings.every(({ verdict }) => verdict === 'late')
}

process.exitCode = (await main()) ? 0 : 1
