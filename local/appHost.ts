import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { type LineLog, type StackProcess, startProcess } from './childProcess.js'
import { workerPid } from './coreTools/workerPid.js'
import { program, projectRoot } from './paths.js'
import type { Settings } from './settings.js'

/** `func` is Microsoft's Core Tools, `embedded` the host in local/functionsHost. */
export type HostKind = 'func' | 'embedded'

/**
 * The host that LOCAL_HOST names, else Core Tools if Broker has been seen to work under this version of them, else our
 * own.
 */
export async function chooseHost(wanted = process.env.LOCAL_HOST): Promise<HostKind> {
  if (wanted === 'func' || wanted === 'embedded') return wanted
  if (wanted) throw new Error(`LOCAL_HOST is "${wanted}"; it can be "func" or "embedded".`)
  const version = await coreToolsVersion()
  return version !== undefined && existsSync(recordOf(version)) ? 'func' : 'embedded'
}

/**
 * Records that a file went all the way under Core Tools, so that they are chosen from now on. A `func` that answers may
 * still lack a part.
 */
export async function recordThatCoreToolsWork(): Promise<void> {
  const version = await coreToolsVersion()
  if (version === undefined) return
  await mkdir(dirname(recordOf(version)), { recursive: true })
  await writeFile(recordOf(version), '')
}

const recordOf = (version: string) => join(projectRoot, '.local', `core-tools-${version}-work`)

/** Undefined without Core Tools. npm may leave a `func` whose download never happened. */
async function coreToolsVersion(): Promise<string | undefined> {
  const answer = await promisify(execFile)('func', ['--version'], { timeout: 10_000 }).catch(() => undefined)
  return /^[\w.+-]+$/.exec(answer?.stdout.trim() ?? '')?.[0]
}

/**
 * The Functions app in this folder, in a process of its own. Resolves when it answers. APP_INSPECT_PORT: a debugger can
 * attach to the embedded host there.
 */
export async function startApp(
  host: HostKind,
  { folder = projectRoot, port }: { folder?: string | undefined; port: number },
  settings: Settings,
  log: LineLog,
): Promise<StackProcess> {
  const { APP_INSPECT_PORT: inspectPort } = process.env
  return startProcess({
    name: 'app',
    file: program(host === 'func' ? 'local/coreTools/main.js' : 'local/functionsHost/main.js'),
    args: [folder, `${port}`],
    execArgv: host === 'embedded' && inspectPort ? [`--inspect=127.0.0.1:${inspectPort}`] : [],
    // A package is unpacked in a new folder each time, so the cache of modules would only grow.
    env: folder === projectRoot ? settings : { ...settings, NODE_DISABLE_COMPILE_CACHE: '1' },
    onLine: log,
  })
}

/** The process in which the app's code runs; undefined while there is none. */
export function pidOfApp(host: HostKind, app: StackProcess | undefined): number | undefined {
  const pid = app?.process.pid
  return host === 'func' && pid !== undefined ? workerPid(pid) : pid
}
