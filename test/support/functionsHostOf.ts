import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { program, projectRoot } from '../../local/paths.js'
import { freePorts } from '../../local/ports.js'

/** The embedded Functions host with an app of its own in one file, in a process of its own. */
export type RunningHost = {
  url: string
  process: ChildProcess
  /** All that it has logged. */
  output(): string
  stop(): Promise<void>
}

/** Starts the host with this app (an ES module), this host.json and this environment. */
export async function functionsHostOf(
  app: string,
  { hostJson = {}, env = {} }: { hostJson?: object; env?: Record<string, string> } = {},
): Promise<RunningHost> {
  const folder = await mkdtemp(join(tmpdir(), 'functions-app-'))
  await symlink(join(projectRoot, 'node_modules'), join(folder, 'node_modules'))
  const http = { extensions: { http: { routePrefix: '' } } }
  await writeFile(join(folder, 'package.json'), JSON.stringify({ type: 'module', main: 'app.js' }))
  await writeFile(join(folder, 'host.json'), JSON.stringify({ version: '2.0', ...http, ...hostJson }))
  await writeFile(join(folder, 'app.js'), app)

  const { app: port } = await freePorts()
  let output = ''
  const child = fork(program('local/functionsHost/main.js'), [folder, `${port}`], {
    env: { ...process.env, ...env },
    execArgv: [],
    stdio: 'pipe' as const,
  })
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (output += chunk))
  const [first] = await Promise.race([once(child, 'message'), once(child, 'exit')])
  if (first !== 'ready') throw new Error(`The host did not start: ${output}`)

  return {
    url: `http://127.0.0.1:${port}`,
    process: child,
    output: () => output,
    async stop() {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill()
        await once(child, 'exit')
      }
      await rm(folder, { recursive: true })
    },
  }
}
