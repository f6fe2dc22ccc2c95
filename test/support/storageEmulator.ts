import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { detach, startProcess } from '../../local/childProcess.js'
import { program, projectRoot } from '../../local/paths.js'
import { freePorts } from '../../local/ports.js'

export type Service = 'blob' | 'table'
export type Emulator = Awaited<ReturnType<typeof startEmulator>>

/** The key of every account. */
export const KEY = Buffer.from('only-for-the-emulator').toString('base64')

/**
 * Azurite as it is, in memory, in a process of its own and on free ports; `isQuick`: with the index that the local
 * stack gives its tables, and with room for what a request leaves behind, so that it is collected less often.
 */
export async function startEmulator(services: Service[], accounts: string[], { isQuick = false } = {}) {
  const free = await freePorts()
  const wanted = services.map((service) => [service, free[service]] as const)
  const ports = { blob: 0, queue: 0, table: 0, ...Object.fromEntries(wanted) } // 0: any, and nobody asks
  const { process, stop } = await startProcess({
    name: 'azurite',
    file: join(projectRoot, 'node_modules/azurite/dist/src/azurite.js'),
    args: [
      ...Object.entries(ports).flatMap(([name, port]) => [`--${name}Port`, `${port}`]),
      ...['--inMemoryPersistence', '--silent', '--disableTelemetry', '--skipApiVersionCheck'],
      // So many seconds: no connection is closed under a test's hands. The mains of the single services take no notice
      // of it.
      ...services.flatMap((service) => [`--${service}KeepAliveTimeout`, '600']),
    ],
    execArgv: isQuick
      ? ['--max-semi-space-size=64', '--import', pathToFileURL(program('local/azurite/prelude.js')).href]
      : [],
    env: { AZURITE_ACCOUNTS: accounts.map((name) => `${name}:${KEY}`).join(';') },
    isReady: (line) => line.startsWith('Azurite Table service is successfully listening'),
    onLine: () => {},
  })
  return { ports, process, stop: () => stop() }
}

let shared: Promise<Emulator> | undefined
const suffixes = Array.from({ length: 100 }, (_, index) => `${index}`)

/**
 * The quick emulator of this process, which ends with it, and a suffix for names of accounts there that no other caller
 * gets: of `scanned`, `unscanned`, `backups` and `tables`.
 */
export async function sharedEmulator(): Promise<{ ports: Emulator['ports']; suffix: string }> {
  const suffix = suffixes.shift()
  if (suffix === undefined) throw new Error('Too many files share one emulator.')
  shared ??= startLasting(suffixes.concat(suffix))
  return { ports: (await shared).ports, suffix }
}

async function startLasting(suffixes: string[]): Promise<Emulator> {
  const accounts = suffixes.flatMap((suffix) =>
    ['scanned', 'unscanned', 'backups', 'tables'].map((name) => name + suffix),
  )
  const emulator = await startEmulator(['blob', 'table'], accounts, { isQuick: true })
  detach(emulator.process)
  return emulator
}
