import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startApp } from '../../../local/appHost.js'
import { createTables, folderFor, startAzurite } from '../../../local/azurite/azurite.js'
import type { CommittedBlob } from '../../../local/azurite/committedBlobs.js'
import type { StackProcess } from '../../../local/childProcess.js'
import { packApp } from '../../../local/packedApp.js'
import { countsOf, startAltinn, startBus, urlsOf } from '../../../local/parts.js'
import { freePorts } from '../../../local/ports.js'
import type { EntityCounts } from '../../../local/serviceBus/entities.js'
import { freshSettings, onPorts, type Settings } from '../../../local/settings.js'
import { startBalancer } from './balancer.js'

const NAMES = ['storage', 'Service Bus', 'Altinn', 'app 1', 'app 2'] as const
export type PartName = (typeof NAMES)[number]
export type Parts = Awaited<ReturnType<typeof startParts>>

/** Azurite writes all of its tables when it stops. */
const STOPS_WITHIN_MS = 60_000

/**
 * The stack of a soak: two instances of the packed app behind one address, and each part on its own, so that it can be
 * stopped and started again. What a real part keeps, the emulated one keeps too: the storage in a folder, Altinn its
 * keys. The Service Bus has its messages in memory, so its process stays: its connections are cut instead.
 */
export async function startParts(own: Settings, scan: (blob: CommittedBlob) => void, log: (line: string) => void) {
  const [ports, second] = [await freePorts(), await freePorts()]
  const state = await mkdtemp(join(tmpdir(), 'broker-soak-'))
  const settings = { ...onPorts(await freshSettings(), ports), ...own }
  const app = await packApp()
  const data = 'restart'
  const removeAll = async () => {
    await app.remove()
    await rm(state, { recursive: true, force: true })
    await rm(folderFor(ports, data), { recursive: true, force: true })
  }
  const instance = (port: number, name: PartName) => () =>
    startApp('embedded', { folder: app.folder, port }, settings, (line) => log(`${name}: ${line}`))
  const starts: Record<PartName, () => Promise<StackProcess>> = {
    storage: () =>
      startAzurite({ ports, settings, data, log: (line) => log(`storage: ${line}`), onBlobCommitted: scan }),
    'Service Bus': () => startBus(ports, settings, (line) => log(`bus: ${line}`)),
    Altinn: () => startAltinn(ports, { ...settings, ALTINN_STATE: state }, (line) => log(`altinn: ${line}`)),
    'app 1': instance(second.app, 'app 1'),
    'app 2': instance(second.altinn, 'app 2'),
  }
  const running = new Map<PartName, StackProcess>()
  let balancer: Awaited<ReturnType<typeof startBalancer>> | undefined

  const start = async (name: PartName) => {
    running.set(name, await starts[name]())
  }
  const stopPart = async (name: PartName, how: 'SIGTERM' | 'SIGKILL') => {
    const part = running.get(name)
    running.delete(name)
    await (how === 'SIGKILL' ? part?.kill() : part?.stop(STOPS_WITHIN_MS))
  }
  const stop = async () => {
    await balancer?.stop()
    await Promise.all([stopPart('app 1', 'SIGTERM'), stopPart('app 2', 'SIGTERM')])
    await Promise.all([...running.keys()].map((name) => stopPart(name, 'SIGTERM')))
    await removeAll()
  }

  try {
    await Promise.all([start('storage'), start('Service Bus'), start('Altinn')])
    await createTables(settings)
    balancer = await startBalancer(ports.app, [second.app, second.altinn])
    await Promise.all([start('app 1'), start('app 2')])
  } catch (error) {
    await stop()
    throw error
  }

  return {
    urls: urlsOf(ports),
    settings,
    /** Each event, as a line, in the order in which Altinn received them. */
    eventFile: join(state, 'events.jsonl'),
    start,
    stopPart,
    stop,
    /** The parts that are not running. */
    ended: () => NAMES.filter((name) => !running.get(name)?.isRunning()),
    pids: (): [PartName, number][] =>
      [...running].flatMap(([name, { process }]) => (process.pid ? [[name, process.pid] as [PartName, number]] : [])),
    /** Stops the clock of a part, or lets it go on. */
    signal: (name: PartName, signal: 'SIGSTOP' | 'SIGCONT') => running.get(name)?.process.kill(signal),
    /** Has the scanner look at a blob. False when Altinn is down. */
    scanNow(blob: CommittedBlob): boolean {
      const altinn = running.get('Altinn')?.process
      return altinn?.connected ? altinn.send({ type: 'blobCommitted', ...blob }) : false
    },
    async interruptBus(ms: number): Promise<void> {
      const bus = running.get('Service Bus')?.process
      if (!bus?.connected) throw new Error('The Service Bus is not running.')
      const interrupted = new Promise<void>((done) => {
        const take = (message: unknown) => {
          if ((message as { type?: string }).type !== 'interrupted') return
          bus.off('message', take)
          done()
        }
        bus.on('message', take)
      })
      bus.send({ interruptMs: ms })
      await Promise.race([interrupted, once(bus, 'exit')])
    },
    busCounts: async (): Promise<Record<string, EntityCounts>> => {
      const bus = running.get('Service Bus')
      return bus ? countsOf(bus.process) : {}
    },
  }
}
