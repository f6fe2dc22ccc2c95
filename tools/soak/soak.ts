import { createWriteStream } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { JSONWebKeySet } from 'jose'
import { pollUntil } from '../../local/pollUntil.js'
import { detailsOf } from '../transfers/details.js'
import { randomFrom } from '../transfers/random.js'
import { retryingClient } from '../transfers/retryingClient.js'
import { checkStores } from '../transfers/stores.js'
import { play } from './clients/play.js'
import { inboxReaders, readOwnerView } from './clients/readers.js'
import { receiptKeys } from './clients/receipt.js'
import { book } from './ledger/book.js'
import { eventLog } from './ledger/eventLog.js'
import type { Outage } from './ledger/ledger.js'
import { judgeStatistics } from './ledger/statistics.js'
import { OWNER, planFrom, untilNext } from './mix.js'
import { type SoakOptions, type Times, timesOf } from './options.js'
import { latencies } from './report/latencies.js'
import { linesAbout } from './report/logLines.js'
import type { SoakResult } from './report/report.js'
import { processSample, queueSample, type Sample } from './report/samples.js'
import { disturb, restartEnded } from './stack/disturb.js'
import { type PartName, type Parts, startParts } from './stack/parts.js'
import { scanner } from './stack/scanner.js'
import { configure, runTimers, statistics, storeFinding, underWay } from './stack/stackCalls.js'

type How = {
  log: (line: string) => void
  /** Gets every line of every part. */
  logFile: string
  /** How often progress is logged. */
  everyMs: number
  /** Ends the load early; what has begun is still checked. */
  stop: AbortSignal
}

/** Points of a chart in the time of the load. */
const POINTS = 90
const MOST_AT_ONCE = 150
/** After the load the app gets this long to purge everything, beside the times to live. */
const PURGED_WITHIN_MS = 12 * 60_000

const settingsFor = (times: Times) => ({
  ALTINN_EVENT_FORM: 'urn',
  LOCAL_LOCK_SECONDS: '10',
  UPLOAD_IDLE_SECONDS: `${times.uploadIdle}`,
  PROCESSING_OVERDUE_SECONDS: `${times.processingOverdue}`,
  SCAN_WARNING_SECONDS: `${Math.ceil(times.scanOverdue / 2)}`,
  SCAN_OVERDUE_SECONDS: `${times.scanOverdue}`,
})

/** Loads a stack of its own for so many minutes while its parts are disturbed, and holds the outcome against a ledger. */
export async function soak(options: SoakOptions, { log, logFile, everyMs, stop }: How): Promise<SoakResult> {
  const { minutes, seed, rate } = options
  const times = timesOf(minutes)
  await mkdir(dirname(logFile), { recursive: true })
  const lines = createWriteStream(logFile)
  const over = new AbortController()
  const scans = scanner({
    entryOf: (id) => known.entryOf(id),
    scanNow: (blob) => parts?.scanNow(blob) ?? false,
    random: randomFrom(seed ^ 0x7363616e),
    times,
    stop: over.signal,
  })
  let parts: Parts | undefined
  const stack = await startParts(
    settingsFor(times),
    (blob) => void scans.committed(blob),
    (line) => lines.write(`${line}\n`),
  )
  parts = stack
  const startedAt = Date.now()
  const loadMs = minutes * 60_000
  const intervalMs = Math.max(1000, loadMs / POINTS)
  const intervalNow = () => Math.floor((Date.now() - startedAt) / intervalMs)
  const took = latencies(POINTS + 1)
  const outages: Outage[] = []
  const notes: string[] = []
  const samples: Sample[] = []
  const kinds: Record<string, number> = {}
  const tally = { events: 0, bytes: 0, over: 0, confirmed: 0 }
  const client = retryingClient({
    ...stack.urls,
    timeoutMs: 300_000,
    giveUpAfterMs: 300_000,
    onAnswer: ({ operation, status, ms }) => {
      if (status < 500 && !operation.includes('/admin/')) took.took(operation, intervalNow(), ms)
    },
  })
  const known = book({
    outages,
    times,
    detailsOf: (id) => detailsOf(client, OWNER, id).catch((error: unknown) => unlessUnknown(error)),
  })
  const events = eventLog(stack.eventFile, (transfer, event) => {
    tally.events++
    known.takeEvent(transfer, event)
  })
  const inboxes = inboxReaders({ client, notes, take: known.takeChange })
  let bad = 0
  let waitingFor: string[] = []

  const sample = async (): Promise<void> => {
    const pids: [string, number][] = [...stack.pids(), ['this tool', process.pid]]
    const seen = await Promise.all(pids.map(async ([name, pid]) => [name, await processSample(pid)] as const))
    const counts = await Promise.race([stack.busCounts().catch(() => ({})), pause(2000, {})])
    samples.push({
      atMs: Date.now() - startedAt,
      processes: Object.fromEntries(seen.flatMap(([name, each]) => (each ? [[name, each]] : []))),
      queues: queueSample(counts),
      begun: known.counts.begun,
      over: tally.over,
      bytes: tally.bytes,
    })
  }
  const progress = (): void => {
    const memory = Object.entries(samples.at(-1)?.processes ?? {}).map(([name, each]) => `${name} ${each.memory}`)
    const { begun, late } = known.counts
    const minute = ((Date.now() - startedAt) / 60_000).toFixed(1)
    const waiting = waitingFor.length > 0 ? `; waiting for ${waitingFor.join(', ')}` : ''
    log(
      `${minute} min: ${begun} sent, ${tally.confirmed} confirmed, ${late} late, ${bad} lost or doubled, ` +
        `${outages.length} disturbances, ${known.openCount()} open; MiB: ${memory.join(', ')}${waiting}`,
    )
  }

  const playOne = async (number: number, keys: JSONWebKeySet): Promise<void> => {
    const plan = planFrom(randomFrom(seed + number), number)
    kinds[plan.kind] = (kinds[plan.kind] ?? 0) + 1
    const entry = await play({ client, seed, keys, begun: known.begin, stop: over.signal }, plan)
    tally.over++
    tally.confirmed += Object.keys(entry.confirmedAt).length
    const sent = entry.acknowledgedAt === undefined ? 0 : 1
    tally.bytes += entry.plan.size * (sent + entry.verified.length)
  }

  try {
    await configure(client, times)
    const keys = await receiptKeys(client)
    const load = AbortSignal.any([stop, AbortSignal.timeout(loadMs)])
    const observed = { ...stack, start: startAndTell(stack, () => void scans.restarted()) }
    const disturbing = disturb(
      { parts: observed, random: randomFrom(seed ^ 0x6b696c6c), times, outages, notes, log },
      load,
    )
    const running = new Set<Promise<void>>()
    const sampling = every(intervalMs, over.signal, sample)
    const settling = every(Math.min(everyMs, 30_000), over.signal, async () => {
      await events.read()
      bad = await known.settle(false)
    })
    const telling = every(everyMs, over.signal, async () => progress())
    const reading = [inboxes.follow(over.signal), readOwnerView({ client, notes }, over.signal)]
    const arrivals = randomFrom(seed ^ 0x61727276)
    let delayed = 0
    let nextAt = Date.now()
    for (let number = 0; ; number++) {
      nextAt += untilNext(arrivals, rate)
      const isTime = await pause(Math.max(0, nextAt - Date.now()), true, { signal: load }).catch(() => false)
      if (!isTime) break
      if (running.size >= MOST_AT_ONCE) delayed++
      while (running.size >= MOST_AT_ONCE && !load.aborted) await pause(100)
      if (load.aborted) break
      const one: Promise<void> = playOne(number, keys).finally(() => running.delete(one))
      running.add(one)
    }
    log(
      `Nothing more is begun; ${running.size} transfers are under way${delayed > 0 ? `; ${delayed} began late` : ''}.`,
    )
    await disturbing
    await Promise.race([Promise.all(running), pause(2 * times.timeToLive * 1000 + 60_000, undefined, { ref: false })])
    await pollUntil(
      async () => {
        await restartEnded({ parts: stack, notes, log })
        await runTimers(client, stack)
        await events.read()
        bad = await known.settle(false)
        const open = known.openCount() - bad
        waitingFor = [
          ...(running.size > 0 ? [`${running.size} clients`] : []),
          ...(open > 0 ? [`the end of ${open} transfers`] : []),
          ...(await underWay(stack)),
        ]
        return waitingFor.length === 0
      },
      { withinMs: times.timeToLive * 1000 + PURGED_WITHIN_MS, everyMs: 2000 },
    )
    over.abort()
    await Promise.all([sampling, settling, telling, ...reading])
    await events.read()
    await inboxes.readToEnd()
    const ids = known.ids()
    await known.settle(true)
    const store = await checkStores(stack, OWNER, ids)
    const findings = [
      ...known.findings,
      ...judgeStatistics(known.totals, await statistics(client, startedAt)),
      ...store.wrong.map(storeFinding),
    ]
    lines.end()
    const { unexpected, ...counted } = known.counts
    return {
      options,
      times,
      startedAt,
      endedAt: Date.now(),
      intervalMs,
      findings,
      left: store.explained,
      unexpected: [...notes, ...unexpected],
      serverErrors: client.seen.serverErrors,
      counts: { ...counted, ...tally, calls: client.seen.calls, broken: client.seen.broken },
      kinds,
      outages,
      latencies: took,
      samples,
      logLines: await linesAbout(logFile, findings),
    }
  } finally {
    over.abort()
    await events.close()
    await stack.stop()
  }
}

/** A transfer that Broker does not know is undefined; every other failure counts. */
function unlessUnknown(error: unknown): undefined {
  if (/: 404 /.test(String(error))) return undefined
  throw error
}

const startAndTell = (parts: Parts, altinnIsBack: () => void) => async (name: PartName) => {
  await parts.start(name)
  if (name === 'Altinn') altinnIsBack()
}

/** Runs a task again and again, a failed one too, until the signal fires. */
async function every(ms: number, signal: AbortSignal, task: () => Promise<void>): Promise<void> {
  while (await pause(ms, true, { signal }).catch(() => false)) await task().catch(() => {})
}
