// Requests in a second for each operation at 1, 16 and 64 connections, beside what the original did on a machine of the
// same kind: two cores, shared with the storage emulator and the client. How many seconds each: `node
// dist/bench/operations.js 5`. With a second number each call of the storage takes so many milliseconds more, as if it
// were farther away: `node dist/bench/operations.js 5 5`.
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { z } from 'zod'
import { projectRoot } from '../local/paths.js'
import type { Settings } from '../local/settings.js'
import { startStack } from '../local/stack.js'
import { sdkReadsPerSecond } from './calibration.js'
import { barChart, keepChart } from './chart.js'
import { startDelayedProxy } from './delayedProxy.js'
import { prepare } from './prepare.js'

const [, , secondsText = '8', distanceText = '0'] = process.argv
const DISTANCE_MS = Number(distanceText)
const CONNECTIONS = [1, 16, 64]

type Scenario = { name: string; arguments: string[]; original: (number | undefined)[]; times: number; cpuMs?: number }

/**
 * What the SDK alone read in a second when the original was measured; the original's figures are scaled by what it reads
 * now. Nobody counted it then: our release 0.1.0 was measured in the same hour, and again when the SDK read 3,250 rows
 * a second; it was 2.9 times as fast (the median of its fifteen figures).
 */
const READS_THEN = 1120

/**
 * `original`: requests in a second at these connections, the best of two runs; undefined: it stalled. `times`: the
 * wanted multiple of it. `cpuMs`: its processor time (API and database) for one at 64 connections, or at the most that
 * it stood.
 */
const SCENARIOS: Scenario[] = [
  { name: 'initialize', arguments: [], original: [21, 45, 73], times: 2, cpuMs: 24 },
  { name: 'overview', arguments: [], original: [87, 206, 229], times: 4 },
  { name: 'search', arguments: ['--query', 'status=Initialized'], original: [80, 218, 227], times: 3 },
  {
    name: 'upload',
    arguments: ['--size', '1KiB', '--count', `${60 * Number(secondsText)}`],
    original: [5.7, undefined, undefined],
    times: 3,
  },
  { name: 'flow', arguments: ['--size', '1KiB', '--verify'], original: [3.8, 4.8, undefined], times: 3, cpuMs: 255 },
]

const series = z.object({ p50: z.number(), p99: z.number() })
const result = z.object({
  perSecond: z.number(),
  ms: z.object({ total: series, eventAfterUploadEnd: series.optional(), eventAfterPublishing: series.optional() }),
  cpuMsPerRequest: z.object({ app: z.number() }),
  errors: z.record(z.string(), z.number()).optional(),
})

const proxies: Awaited<ReturnType<typeof startDelayedProxy>>[] = []
/** The same settings, by which the storage is farther away. */
async function far(usual: Settings): Promise<Settings> {
  const settings = { ...usual }
  for (const name of ['Tables', 'ScannedBlobs', 'UnscannedBlobs']) {
    const [, port = ''] = /127\.0\.0\.1:(\d+)/.exec(usual[name] ?? '') ?? []
    const proxy = await startDelayedProxy(Number(port), DISTANCE_MS)
    proxies.push(proxy)
    settings[name] = usual[name]?.replaceAll(`127.0.0.1:${port}`, `127.0.0.1:${proxy.port}`) ?? ''
  }
  return settings
}

const stack = await startStack({ ports: 'free', ...(DISTANCE_MS > 0 && { settings: far }) })
try {
  await prepare(stack)
  const bars = []
  // Nobody has measured the original at a distance.
  const isCompared = DISTANCE_MS === 0
  const reads = isCompared ? await sdkReadsPerSecond(stack.settings.Tables ?? '') : READS_THEN
  const speed = reads / READS_THEN
  if (isCompared) {
    console.log(`The SDK reads ${reads.toFixed(0)} rows/s, ${speed.toFixed(2)} times as many as when the original ran.`)
  }
  console.log('operation   connections    req/s   p50 ms   p99 ms   app CPU ms  of the original  times it  wanted')
  for (const { name, arguments: more, original, times, cpuMs } of SCENARIOS) {
    for (const [index, connections] of CONNECTIONS.entries()) {
      const { perSecond, ms, cpuMsPerRequest, errors } = await load(name, connections, more)
      const ratio = perSecond / ((original[index] ?? Number.NaN) * speed)
      const share = isCompared && cpuMs && (cpuMsPerRequest.app * speed) / cpuMs
      const cells = [
        name.padEnd(10),
        String(connections).padStart(12),
        perSecond.toFixed(0).padStart(8),
        ...[ms.total.p50, ms.total.p99].map((each) => each.toFixed(0).padStart(8)),
        cpuMsPerRequest.app.toFixed(1).padStart(12),
        (share ? `${(100 * share).toFixed(0)} %` : '').padStart(16),
        ...(isCompared ? [(ratio ? ratio.toFixed(1) : 'stalled').padStart(9), String(times).padStart(7)] : []),
      ]
      console.log(cells.join(' '))
      for (const [what, late] of [
        ["the upload's answer", ms.eventAfterUploadEnd],
        ['publishing', ms.eventAfterPublishing],
      ] as const) {
        if (!late) continue
        const [p50, p99] = [late.p50, late.p99].map((each) => each.toFixed(0))
        console.log(`${' '.repeat(11)}published event after ${what}: p50 ${p50} ms, p99 ${p99} ms`)
      }
      if (errors) console.log(`${' '.repeat(11)}errors: ${JSON.stringify(errors)}`)
      if (isCompared && ratio) {
        bars.push({ label: `${name}, ${connections}`, value: Math.round(ratio * 10) / 10, goal: times })
      }
    }
  }
  if (isCompared) {
    const chart = barChart('Requests in a second, at 1, 16 and 64 connections', 'times the original', bars)
    await keepChart('operations', chart)
  }
} finally {
  await stack.stop()
  for (const proxy of proxies) proxy.stop()
}

async function load(scenario: string, connections: number, more: string[]) {
  const { stdout } = await promisify(execFile)(process.execPath, [
    join(projectRoot, 'tools/load.mjs'),
    '--json',
    '--scenario',
    scenario,
    '--concurrency',
    `${connections}`,
    '--base',
    stack.urls.app,
    '--token-url',
    `${stack.urls.altinn}/token?org={org}&scope={scope}`,
    '--events-url',
    `${stack.urls.altinn}/events?resourceinstance={id}`,
    '--seconds',
    secondsText,
    '--pid',
    `app=${stack.appPid}`,
    ...more,
  ])
  return result.parse(JSON.parse(stdout))
}
