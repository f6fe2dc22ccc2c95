import { chooseHost, type HostKind, pidOfApp, startApp } from './appHost.js'
import { createTables, type SharedAzurite, type StorageData, startAzurite } from './azurite/azurite.js'
import type { CommittedBlob } from './azurite/committedBlobs.js'
import { watchListing } from './azurite/composeWatch.js'
import type { LineLog, StackProcess } from './childProcess.js'
import { consoleOrigins, startConsole } from './console.js'
import { packApp } from './packedApp.js'
import { countsOf, startAltinn, startBus, urlsOf } from './parts.js'
import { assertFree, freePorts, type Ports, portsOf, portsToOpen } from './ports.js'
import type { EntityCounts } from './serviceBus/entities.js'
import { freshSettings, onPorts, readSettings, type Settings } from './settings.js'

/** How a stack is started, and what its settings are. */
export type StackOptions = {
  /**
   * `free`: free ports and generated settings, independent of other stacks. Else those of the environment, and
   * local.settings.json.
   */
  ports?: 'free' | 'environment'
  /** Settings that differ from the defaults, or a function of the defaults. */
  settings?: Settings | ((defaults: Settings) => Promise<Settings>)
  /** Default: `memory` with free ports, else `fresh`. */
  data?: StorageData
  /** Takes every line of every process, with the name of the process in front. */
  log?: LineLog
  /** The folder of the app, if it is not the project itself: a package, which runs on our own host. */
  appFolder?: string
  /** `compose`: Azurite and the Service Bus run already, from compose.yaml. */
  emulators?: 'own' | 'compose'
  /** An Azurite that runs already and outlives this stack, which gets accounts of its own there. */
  azurite?: SharedAzurite
  /** Whether to serve the console. Default: no. */
  console?: boolean
}

/** The running stack. */
export type Stack = {
  urls: { app: string; altinn: string; console: string }
  ports: Ports
  settings: Settings
  host: HostKind
  /** The process in which the app's code runs, under Core Tools that of the worker; undefined while it is down. */
  readonly appPid: number | undefined
  /** The messages in every entity of the Service Bus; empty with compose, where they are not counted. */
  busCounts(): Promise<Record<string, EntityCounts>>
  /** Kills the app, and nothing else, as `kill -9` does. */
  killApp(): Promise<void>
  /** Stops the app, and nothing else, by SIGTERM. Resolves to its exit code; undefined: it had to be killed. */
  stopApp(): Promise<number | undefined>
  /** Starts the app, if it is not running. */
  startApp(): Promise<void>
  /** Resolves when one of the processes ends though nobody stopped it: its name, and the signal or exit code. */
  partEnded(): Promise<{ name: string; how: string }>
  /** Stops the app when it has ended its work, then the rest. */
  stop(): Promise<void>
}

/** A little longer than the host waits for what runs. */
const STOPS_WITHIN_MS = 35_000

/** Starts everything. @throws when a port is taken or a process does not start; then nothing is left running. */
export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const { log = () => {}, emulators = 'own', azurite } = options
  const logOf = (name: string) => (line: string) => log(`${name}: ${line}`)
  const isFree = options.ports === 'free'
  const own = isFree ? await freePorts() : portsOf(process.env)
  await assertFree(own, portsToOpen(emulators))
  const ports = { ...own, ...azurite?.ports }
  const toAzurite = { log: logOf('azurite'), onBlobCommitted }
  const base = onPorts(isFree ? await freshSettings() : await readSettings(), ports)
  const defaults = azurite?.newAccounts(base, toAzurite) ?? base
  const chosen = typeof options.settings === 'function' ? await options.settings(defaults) : options.settings
  const settings = withOrigins({ ...defaults, ...chosen }, options.console ? consoleOrigins(ports.console) : [])
  const host = options.appFolder === undefined ? await chooseHost() : 'embedded'
  // Core Tools watch the folder that they run in, `node_modules` too, and restart when a file changes.
  const packed = host === 'func' ? await packApp() : undefined
  const folder = options.appFolder ?? packed?.folder

  const processes: StackProcess[] = []
  const stopWatching = new AbortController()
  const kept = async (starting: Promise<StackProcess>) => {
    const process = await starting
    processes.push(process)
    return process
  }
  const stop = async () => {
    stopWatching.abort()
    await page?.stop()
    await app?.stop(STOPS_WITHIN_MS)
    await Promise.all(processes.map((process) => process.stop()))
    await packed?.remove()
  }

  let altinn: StackProcess | undefined
  let app: StackProcess | undefined
  let bus: StackProcess | undefined
  let page: Awaited<ReturnType<typeof startConsole>> | undefined
  const urls = urlsOf(ports)
  async function ensureApp() {
    if (app?.isRunning()) return
    app = await startApp(host, { folder, port: ports.app }, settings, logOf('app'))
  }
  function onBlobCommitted(blob: CommittedBlob) {
    if (altinn?.process.connected) altinn.process.send({ type: 'blobCommitted', ...blob })
  }
  try {
    const data = options.data ?? (isFree ? 'memory' : 'fresh')
    const isOwn = emulators === 'own'
    const starting = {
      azurite:
        isOwn && !azurite ? kept(startAzurite({ ports, settings, data, ...toAzurite })) : Promise.resolve(undefined),
      bus: isOwn ? kept(startBus(ports, settings, logOf('bus'))) : Promise.resolve(undefined),
      altinn: kept(startAltinn(ports, settings, logOf('altinn'))),
    }
    const settled = await Promise.allSettled(Object.values(starting))
    for (const each of settled) if (each.status === 'rejected') throw each.reason
    altinn = await starting.altinn
    bus = await starting.bus
    await createTables(settings)
    if (!isOwn) watchListing(settings, onBlobCommitted, stopWatching.signal)
    await ensureApp()
    if (options.console) page = await startConsole(ports.console, urls)
  } catch (error) {
    await stop()
    throw error
  }

  return {
    urls,
    ports,
    settings,
    host,
    stop,
    get appPid() {
      return pidOfApp(host, app?.isRunning() ? app : undefined)
    },
    busCounts: () => (bus ? countsOf(bus.process) : Promise.resolve({})),
    async killApp() {
      await app?.kill()
      app = undefined
    },
    async stopApp() {
      const stopping = app
      app = undefined
      await stopping?.stop(STOPS_WITHIN_MS)
      return stopping?.process.exitCode ?? undefined
    },
    startApp: ensureApp,
    partEnded: () =>
      Promise.race(
        [...processes, ...(app ? [app] : [])].map(async ({ name, endedByItself }) => ({
          name,
          how: await endedByItself,
        })),
      ),
  }
}

/** The settings with these origins beside those that have been chosen. */
const withOrigins = (settings: Settings, origins: string[]): Settings => ({
  ...settings,
  CORS_ORIGINS: [settings.CORS_ORIGINS, ...origins].filter(Boolean).join(' '),
})
