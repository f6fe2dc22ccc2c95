import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { type LineLog, type Part, startPart } from './part.js'
import { program, projectRoot } from './root.js'
import type { Settings } from './settings.js'

/** `func` is Microsoft's Core Tools, `embedded` the host in local/functionsHost. */
export type HostKind = 'func' | 'embedded'

/** The host that LOCAL_HOST names, else Core Tools where they work, else our own. */
export async function chooseHost(wanted = process.env.LOCAL_HOST): Promise<HostKind> {
  if (wanted === 'func' || wanted === 'embedded') return wanted
  if (wanted) throw new Error(`LOCAL_HOST is "${wanted}"; it can be "func" or "embedded".`)
  // npm may leave a `func` whose download never happened.
  const works = await promisify(execFile)('func', ['--version'], { timeout: 10_000 }).catch(() => undefined)
  return works ? 'func' : 'embedded'
}

/** The Functions app in this folder, in a process of its own. Resolves when it answers. */
export async function startApp(
  host: HostKind,
  { folder = projectRoot, port }: { folder?: string | undefined; port: number },
  settings: Settings,
  log: LineLog,
): Promise<Part> {
  return startPart({
    name: 'app',
    file: program(host === 'func' ? 'functionsHost/func.js' : 'functionsHost/main.js'),
    args: [folder, `${port}`],
    env: settings,
    onLine: log,
  })
}
