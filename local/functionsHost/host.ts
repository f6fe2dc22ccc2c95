import { globSync } from 'node:fs'
import { resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { type Log, provideCore } from './core.js'
import type { Host } from './invocation.js'
import { libraryOf } from './libraries.js'
import { listen } from './server.js'
import { type HostJson, readJson } from './settings.js'
import { timeSpanMs } from './triggers/schedule.js'
import { busClients } from './triggers/serviceBusClients.js'
import { startTrigger } from './triggers/triggers.js'

const DRAIN_MS = 30_000
/** What Flex Consumption sets, where host.json says nothing. */
const DEFAULT_FUNCTION_TIMEOUT = '00:30:00'

/** A host whose triggers listen. */
export type FunctionsHost = {
  url: string
  /** The names of the functions. */
  functions: string[]
  /** Closes the port and the triggers immediately; running invocations may finish, up to a time-out. */
  stop(): Promise<void>
}

/**
 * An Azure Functions host in this process for `@azure/functions` v4 apps: HTTP, timers, Service Bus triggers (queue and
 * topic) and output. The app's own files, the library's contexts and its hooks run unchanged. Once per process, since
 * loaded files stay loaded. Everything else (other bindings, batches, sessions, cookies) is refused at start or when
 * used, never ignored.
 */
export async function startFunctionsHost(options: {
  directory: string
  port?: number
  hostname?: string
  log?: Log
}): Promise<FunctionsHost> {
  const { port = 7071, hostname = '127.0.0.1', log = toConsole } = options
  const directory = resolve(options.directory)
  process.chdir(directory)
  const local = readJson<{ Values?: Record<string, string> }>('local.settings.json')
  for (const [name, value] of Object.entries(local?.Values ?? {})) process.env[name] ??= value

  const core = provideCore(log)
  for (const file of entryFiles()) await import(pathToFileURL(resolve(file)).href)
  const hookContext = { hookData: {}, appHookData: core.appHookData }
  await core.runHooks('appStart', hookContext)
  core.seal()

  const { functionTimeout = DEFAULT_FUNCTION_TIMEOUT, extensions = {} } = readJson<HostJson>('host.json') ?? {}
  const host: Host = {
    log,
    library: libraryOf(directory, '@azure/functions'),
    core,
    settings: extensions,
    functionTimeoutMs: functionTimeout === '-1' ? undefined : timeSpanMs(functionTimeout),
    restartWorker: () => server.closeAllConnections(),
    bus: busClients(directory),
    running: new Set(),
  }
  const triggers = [...core.functions.values()].map((fn) => startTrigger(host, fn)) // timers with runOnStartup run now
  const server = await listen(host, triggers, port, hostname)
  const address = server.address()

  return {
    url: `http://${hostname}:${typeof address === 'object' && address ? address.port : port}`,
    functions: [...core.functions.keys()],
    async stop() {
      server.close()
      server.closeIdleConnections()
      await Promise.all(triggers.map((trigger) => trigger.stop()))
      await Promise.race([Promise.allSettled([...host.running]), pause(DRAIN_MS, undefined, { ref: false })])
      await core.runHooks('appTerminate', hookContext)
      await host.bus.close()
      server.closeAllConnections()
    },
  }
}

function entryFiles(): string[] {
  const { main = '' } = readJson<{ main?: string }>('package.json') ?? {}
  const files = globSync(main)
  if (files.length === 0) throw new Error(`No file matches "${main}", the "main" of package.json. Is the app built?`)
  return files
}

const toConsole: Log = (level, text) => {
  if (level !== 'trace' && level !== 'debug') console.log(`[${level}] ${text}`)
}
