// Requests in a second for each operation at 1, 16 and 64 connections, beside what the original did on a machine of the same kind: two cores, shared
// with the storage emulator and the client. How many seconds each: `node dist/bench/operations.js 5`.
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { z } from 'zod'
import { projectRoot } from '../local/root.js'
import { startStack } from '../local/stack.js'
import { barChart, keepChart } from './chart.js'

const [, , secondsText = '8'] = process.argv
const OWNER = '991825827'
const RESOURCE = 'altinn-broker-test-resource-1'
const CONNECTIONS = [1, 16, 64]

type Scenario = { name: string; arguments: string[]; original: number[]; times: number }

/** `original`: requests in a second at these connections, at its best; `times`: so many times that are wanted. */
const SCENARIOS: Scenario[] = [
  { name: 'initialize', arguments: [], original: [36, 78, 119], times: 2 },
  { name: 'overview', arguments: [], original: [153, 414, 514], times: 3 },
  { name: 'search', arguments: ['--query', 'status=Initialized'], original: [46, 113, 121], times: 5 },
  { name: 'upload', arguments: ['--size', '1KiB', '--count', '1500'], original: [12, 28, 49], times: 4 },
  { name: 'flow', arguments: ['--size', '1KiB', '--verify'], original: [5, 8, 7], times: 5 },
]

const series = z.object({ p50: z.number(), p99: z.number() })
const result = z.object({
  perSecond: z.number(),
  ms: z.object({ total: series, eventAfterUploadEnd: series.optional() }),
  cpuMsPerRequest: z.object({ app: z.number() }),
  errors: z.record(z.string(), z.number()).optional(),
})

const stack = await startStack({ ports: 'free' })
try {
  const token = async (scope: string) =>
    (await fetch(`${stack.urls.altinn}/token?${new URLSearchParams({ org: OWNER, scope })}`)).text()
  const headers = { authorization: `Bearer ${await token('altinn:serviceowner')}`, 'content-type': 'application/json' }
  const api = `${stack.urls.app}/broker/api/v1`
  await fetch(`${api}/serviceowner`, { method: 'POST', headers, body: '{"name":"Digdir"}' })
  await fetch(`${api}/resource/${RESOURCE}`, { method: 'PUT', headers, body: '{}' })

  const bars = []
  console.log('operation   connections    req/s   p50 ms   p99 ms   app CPU ms  times the original  wanted')
  for (const { name, arguments: more, original, times } of SCENARIOS) {
    for (const [index, connections] of CONNECTIONS.entries()) {
      const { perSecond, ms, cpuMsPerRequest, errors } = await load(name, connections, more)
      const ratio = perSecond / (original[index] ?? Number.NaN)
      const cells = [
        ...[name.padEnd(10), String(connections).padStart(12), perSecond.toFixed(0).padStart(8)],
        ...[ms.total.p50, ms.total.p99].map((each) => each.toFixed(0).padStart(8)),
        ...[cpuMsPerRequest.app.toFixed(1).padStart(12), ratio.toFixed(1).padStart(19), String(times).padStart(7)],
      ]
      console.log(cells.join(' '))
      if (ms.eventAfterUploadEnd) {
        const { p50, p99 } = ms.eventAfterUploadEnd
        console.log(
          `${' '.repeat(11)}published event after the upload's answer: p50 ${p50.toFixed(0)} ms, p99 ${p99.toFixed(0)} ms`,
        )
      }
      if (errors) console.log(`${' '.repeat(11)}errors: ${JSON.stringify(errors)}`)
      bars.push({ label: `${name}, ${connections}`, value: Math.round(ratio * 10) / 10, goal: times })
    }
  }
  await keepChart(
    'operations',
    barChart('Requests in a second, at 1, 16 and 64 connections', 'times the original', bars),
  )
} finally {
  await stack.stop()
}

async function load(scenario: string, connections: number, more: string[]) {
  const { stdout } = await promisify(execFile)(process.execPath, [
    ...[join(projectRoot, 'tools/load.mjs'), '--json', '--scenario', scenario, '--concurrency', `${connections}`],
    ...['--base', stack.urls.app, '--token-url', `${stack.urls.altinn}/token?org={org}&scope={scope}`],
    ...['--events-url', `${stack.urls.altinn}/events?resourceinstance={id}`, '--seconds', secondsText],
    ...['--pid', `app=${stack.appPid}`, ...more],
  ])
  return result.parse(JSON.parse(stdout))
}
