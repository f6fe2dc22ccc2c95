import { setTimeout as pause } from 'node:timers/promises'
import type { Random } from '../../transfers/random.js'
import type { Outage } from '../ledger/ledger.js'
import type { Times } from '../options.js'
import type { PartName, Parts } from './parts.js'

type Deps = {
  parts: Pick<Parts, 'urls' | 'start' | 'stopPart' | 'signal' | 'interruptBus' | 'ended'>
  random: Random
  times: Times
  outages: Outage[]
  /** Takes what nobody has planned. */
  notes: string[]
  log: (line: string) => void
}
type Disturbance = { part: string; how: string; run(deps: Deps): Promise<void> }

/** The part is stopped, is down for a moment, and starts again. */
const restart = (part: PartName, how: 'SIGTERM' | 'SIGKILL'): Disturbance => ({
  part,
  how,
  async run({ parts, random, times }) {
    await parts.stopPart(part, how)
    await pause(random.below(times.down * 1000))
    await parts.start(part)
  },
})

/** The part does nothing for a moment, and then goes on, as when its machine is moved. */
const freeze = (part: PartName): Disturbance => ({
  part,
  how: 'frozen',
  async run({ parts, times }) {
    parts.signal(part, 'SIGSTOP')
    await pause(times.down * 1000)
    parts.signal(part, 'SIGCONT')
  },
})

/** Calls of a part of Altinn fail, or are slow, for some time. */
const fault = (target: string, how: string, answer: { status?: number; delayMs?: number }): Disturbance => ({
  part: `Altinn ${target}`,
  how,
  async run({ parts, times }) {
    const order = (times: number) =>
      fetch(`${parts.urls.altinn}/faults`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ target, ...answer, times }),
      }).then((ordered) => ordered.body?.cancel())
    await order(1_000_000)
    await pause(2 * times.down * 1000)
    await order(0)
  },
})

/** In turn. After a kill it takes half a minute until what was cut off is resumed, so a run of seconds has none. */
const DISTURBANCES: Disturbance[] = [
  restart('app 2', 'SIGTERM'),
  {
    part: 'Service Bus',
    how: 'cut off',
    run: ({ parts, random, times }) => parts.interruptBus(500 + random.below(times.down * 1000)),
  },
  restart('app 1', 'SIGKILL'),
  restart('storage', 'SIGTERM'),
  restart('Altinn', 'SIGKILL'),
  restart('app 2', 'SIGKILL'),
  fault('events', 'fails', { status: 500 }),
  restart('app 1', 'SIGTERM'),
  restart('Altinn', 'SIGTERM'),
  fault('events', 'is slow', { delayMs: 3000 }),
  fault('pdp', 'fails', { status: 503 }),
  {
    part: 'both apps',
    how: 'SIGKILL',
    async run(deps) {
      await Promise.all([restart('app 1', 'SIGKILL').run(deps), restart('app 2', 'SIGKILL').run(deps)])
    },
  },
  freeze('app 1'),
  freeze('storage'),
]

/** Disturbs one part after the other, in turn, until `stop` fires. Each leaves its part as it was. */
export async function disturb(deps: Deps, stop: AbortSignal): Promise<void> {
  const { random, times, outages, log } = deps
  for (let turn = 0; ; turn++) {
    const calmMs = times.calm * 1000 * (0.5 + random.unit())
    const isTime = await pause(calmMs, true, { signal: stop }).catch(() => false)
    const next = DISTURBANCES[turn % DISTURBANCES.length]
    if (!isTime || !next) return
    await restartEnded(deps)
    const { part, how } = next
    const outage: Outage = { part, how, from: Date.now(), to: Number.POSITIVE_INFINITY }
    outages.push(outage)
    await next.run(deps).catch((error: unknown) => log(`${part}: ${how} failed: ${error}`))
    await restartEnded(deps)
    outage.to = Date.now()
    log(`${part}: ${how}, for ${((outage.to - outage.from) / 1000).toFixed(1)} s`)
  }
}

/** Starts what is not running: what a disturbance could not start again, or what has ended by itself. */
export async function restartEnded({ parts, notes, log }: Pick<Deps, 'parts' | 'notes' | 'log'>): Promise<void> {
  for (const part of parts.ended()) {
    notes.push(`${part} was down, though nobody stopped it: ${new Date().toISOString()}`)
    log(`${part} is down, and is started again`)
    await parts.start(part).catch((error: unknown) => log(`${part} cannot be started: ${error}`))
  }
}
