import type { ChildProcess } from 'node:child_process'
import { type LineLog, startProcess } from './childProcess.js'
import { program } from './paths.js'
import type { Ports } from './ports.js'
import type { EntityCounts } from './serviceBus/entities.js'
import type { Settings } from './settings.js'

/** Where the parts that are called over HTTP answer. */
export function urlsOf({ app, altinn, console }: Ports): { app: string; altinn: string; console: string } {
  const on = (port: number) => `http://127.0.0.1:${port}`
  return { app: on(app), altinn: on(altinn), console: on(console) }
}

/** The Service Bus, in a process of its own. */
export const startBus = (ports: Ports, settings: Settings, onLine: LineLog) =>
  startProcess({
    name: 'bus',
    file: program('local/serviceBus/main.js'),
    args: [`${ports.bus}`],
    env: settings,
    onLine,
  })

/** The Altinn simulator, in a process of its own. */
export const startAltinn = (ports: Ports, settings: Settings, onLine: LineLog) =>
  startProcess({
    name: 'altinn',
    file: program('local/altinn/main.js'),
    env: { ...settings, ALTINN_PORT: `${ports.altinn}`, BROKER_URL: urlsOf(ports).app },
    onLine,
  })

/** The messages in every entity of the Service Bus. */
export function countsOf(bus: ChildProcess): Promise<Record<string, EntityCounts>> {
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
