import { randomUUID } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { program, projectRoot } from '../../local/paths.js'

/** What the stand-in was started with. */
export type FuncStart = {
  cwd: string
  args: string[]
  env: Record<string, string>
  pid: number
  workerPid: number
}

/**
 * A `func` that stands in for Core Tools, which cannot be had everywhere: like them it is a process that starts the
 * worker as another one. The worker is our own host, so that the app runs. The version is its own, and so is the record
 * that it works.
 */
export async function standInForCoreTools({ start = true } = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'broker-func-'))
  const version = `0.0.0-${randomUUID()}`
  const started = join(folder, 'started.json')
  const code = `#!${process.execPath}
const { spawn } = require('node:child_process')
const [command, ...args] = process.argv.slice(2)
if (command === '--version') {
  console.log('${version}')
} else if (${!start}) {
  process.exit(1)
} else {
  const worker = spawn(process.execPath, ['${program('functionsHost/main.js')}', '.', args[args.indexOf('--port') + 1]], { stdio: 'inherit' })
  worker.once('exit', (code) => process.exit(code ?? 1))
  process.once('SIGTERM', () => worker.kill('SIGTERM'))
  const { pid, env } = process
  const start = { cwd: process.cwd(), args: [command, ...args], env, pid, workerPid: worker.pid }
  require('node:fs').writeFileSync('${started}', JSON.stringify(start))
}
`
  await writeFile(join(folder, 'func'), code, { mode: 0o755 })
  return {
    /** PATH with the stand-in in front. */
    path: [folder, process.env.PATH].join(delimiter),
    start: async (): Promise<FuncStart> => JSON.parse(await readFile(started, 'utf8')),
    async remove(): Promise<void> {
      await rm(folder, { recursive: true })
      await rm(join(projectRoot, '.local', `core-tools-${version}-work`), { force: true })
    },
  }
}
