import type { ChildProcess } from 'node:child_process'
import { chooseHost, type HostKind, pidOfApp, startApp } from './appHost.js'
import { createTables, type StorageData, startAzurite } from './azurite.js'
import type { CommittedBlob } from './committedBlobs.js'
import { watchListing } from './composeWatch.js'
import { consoleOrigins, startConsole } from './console.js'
import { packApp } from './packedApp.js'
import { type LineLog, type Part, startPart } from './part.js'
import { program } from './paths.js'
import { freePorts, mustBeFree, type Ports, portsOf } from './ports.js'
import type { EntityCounts } from './serviceBus/entities.js'
import { freshSettings, onPorts, readSettings, type Settings } from './settings.js'

export type StackOptions = {
  /** `free`: any free ports and settings of its own, so that it disturbs nobody. Else those of the environment, and local.settings.json. */
  ports?: 'free' | 'environment'
  /** Settings that differ from the usual ones, which they may be made from. */
  settings?: Settings | ((usual: Settings) => Promise<Settings>)
  /** `memory` with free ports unless told, else `fresh`. */
  data?: StorageData
  /** Takes every line of every part, with the part's name in front. */
  log?: LineLog
  /** The folder of the app, if it is not the project itself: a package, which runs on our own host. */
  appFolder?: string
  /** `compose`: Azurite and the Service Bus run already, from compose.yaml. */
  emulators?: 'own' | 'compose'
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
  /** The messages in every entity of the Service Bus; empty with compose, which does not tell. */
  busCounts(): Promise<Record<string, EntityCounts>>
  /** Kills the app, and nothing else, as `kill -9` does. */
  killApp(): Promise<void>
  /** Stops the app, and nothing else, by SIGTERM. Resolves to its exit code; undefined: it had to be killed. */
  stopApp(): Promise<number | undefined>
  /** Starts the app again after `killApp` or `stopApp`. */
  startApp(): Promise<void>
  /** Stops the app when it has ended its work, then the rest. */
  stop(): Promise<void>
}

/** A little longer than the host waits for what runs. */
const STOPS_WITHIN_MS = 35_000

/** Starts everything. @throws when a port is taken or a part does not start; then nothing is left running. */
export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const { log = () => {}, emulators = 'own' } = options
  const isFree = options.ports === 'free'
  const ports = isFree ? await freePorts() : portsOf(process.env)
  await mustBeFree(ports, emulators === 'compose' ? ['app', 'altinn', 'console'] : undefined)
  const base = isFree ? await freshSettings() : await readSettings()
  const usual = onPorts(base, ports)
  const own = typeof options.settings === 'function' ? await options.settings(usual) : options.settings
  const settings = withOrigins({ ...usual, ...own }, options.console ? consoleOrigins(ports.console) : [])
  const host = options.appFolder === undefined ? await chooseHost() : 'embedded'
  // Core Tools watch the folder that they run in, `node_modules` too, and restart when a file changes.
  const packed = host === 'func' ? await packApp() : undefined
  const folder = options.appFolder ?? packed?.folder
  const logOf = (name: string) => (line: string) => log(`${name}: ${line}`)

  const parts: Part[] = []
  const stopWatching = new AbortController()
  const kept = async (starting: Promise<Part>) => {
    const part = await starting
    parts.push(part)
    return part
  }
  const stop = async () => {
    stopWatching.abort()
    await page?.stop()
    await app?.stop(STOPS_WITHIN_MS)
    await Promise.all(parts.map((part) => part.stop()))
    await packed?.remove()
  }

  let altinn: Part | undefined
  let app: Part | undefined
  let bus: Part | undefined
  let page: Awaited<ReturnType<typeof startConsole>> | undefined
  const urls = urlsOf(ports)
  const onBlobCommitted = (blob: CommittedBlob) => {
    if (altinn?.process.connected) altinn.process.send({ type: 'blobCommitted', ...blob })
  }
  try {
    const data = options.data ?? (isFree ? 'memory' : 'fresh')
    const isOwn = emulators === 'own'
    const starting = {
      azurite: isOwn
        ? kept(startAzurite({ ports, settings, data, log: logOf('azurite'), onBlobCommitted }))
        : Promise.resolve(undefined),
      bus: isOwn ? kept(startBus(ports, settings, logOf('bus'))) : Promise.resolve(undefined),
      altinn: kept(startAltinn(ports, settings, logOf('altinn'))),
    }
    const settled = await Promise.allSettled(Object.values(starting))
    for (const each of settled) if (each.status === 'rejected') throw each.reason
    altinn = await starting.altinn
    bus = await starting.bus
    await createTables(settings)
    if (!isOwn) watchListing(settings, onBlobCommitted, stopWatching.signal)
    app = await startApp(host, { folder, port: ports.app }, settings, logOf('app'))
    if (options.console) page = await startConsole(ports.console, urls)
  } catch (error) {
    await stop()
    throw error
  }

  return {
    ...{ urls, ports, settings, host, stop },
    get appPid() {
      return pidOfApp(host, app)
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
    async startApp() {
      app ??= await startApp(host, { folder, port: ports.app }, settings, logOf('app'))
    },
  }
}

function urlsOf({ app, altinn, console }: Ports): Stack['urls'] {
  const on = (port: number) => `http://127.0.0.1:${port}`
  return { app: on(app), altinn: on(altinn), console: on(console) }
}

/** The settings with these origins beside those that have been chosen. */
const withOrigins = (settings: Settings, origins: string[]): Settings => ({
  ...settings,
  CORS_ORIGINS: [settings.CORS_ORIGINS, ...origins].filter(Boolean).join(' '),
})

const startBus = (ports: Ports, settings: Settings, onLine: LineLog) =>
  startPart({ name: 'bus', file: program('serviceBus/main.js'), args: [`${ports.bus}`], env: settings, onLine })

const startAltinn = (ports: Ports, settings: Settings, onLine: LineLog) =>
  startPart({
    name: 'altinn',
    file: program('altinn/main.js'),
    env: { ...settings, ALTINN_PORT: `${ports.altinn}` },
    onLine,
  })

function countsOf(bus: ChildProcess): Promise<Record<string, EntityCounts>> {
  return new Promise((done, failed) => {
    const take = (message: unknown) => {
      const counts = message as { type?: string; counts?: Record<string, EntityCounts> }
      if (counts.type !== 'counts' || !counts.counts) return
      bus.off('message', take)
      done(counts.counts)
    }
    bus.on('message', take)
    if (bus.connected) bus.send('counts')
    else failed(new Error('The Service Bus is not running.'))
  })
}
