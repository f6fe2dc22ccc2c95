// What it takes when very many file transfers expire in the same minute, on a stack of its own: how soon the timer has
// handed all on, how soon all are purged, and what a caller waits for an overview meanwhile. How many: `node
// dist/bench/deadlines.js 1000 10000`.
import { setTimeout as pause } from 'node:timers/promises'
import { DefaultAzureCredential } from '@azure/identity'
import { z } from 'zod'
import { startStack } from '../local/stack.js'
import { connectTables } from '../src/adapters/tableService/connection.js'
import { tableOf } from '../src/adapters/tableService/table.js'
import { tableFileTransferStore } from '../src/adapters/tables/tableFileTransferStore.js'
import { tablePending } from '../src/adapters/tables/tablePending.js'
import { tableSearchIndex } from '../src/adapters/tables/tableSearchIndex.js'
import { tables } from '../src/config.js'
import type { OrganizationNumber } from '../src/domain/organizationNumber.js'
import { newResource, timeToLiveSeconds } from '../src/domain/resource.js'
import { forEachConcurrent } from '../src/lib/forEachConcurrent.js'
import { quantile } from './quantile.js'
import { organization, seedTransfer } from './seed.js'

const SIZES = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [1000, 10_000]
const AT_ONCE = 32
const CALM_MS = 5000
const BETWEEN_CALLS_MS = 20
const LOOK_AGAIN_MS = 50
const TIMEOUT_MS = 30 * 60_000
const PROGRESS_MS = 15_000

const owner = organization('991825827')
/** The transfers of a burst are those of many. */
const TRANSFERS_OF_ONE = 50
const someone = (number: number) => organization(String(910_000_000 + number))
const resource = newResource('altinn-broker-test-resource-1', owner)

/** From the log of the app: how many deadlines were enqueued, and the transfers whose deadlines were applied. */
const seen = { enqueued: 0, applied: new Set<string>() }
const logLine = z.object({ message: z.string(), count: z.number().optional(), fileTransferId: z.string().optional() })
function listen(line: string) {
  if (!/"Deadlines? (applied|enqueued)"/.test(line)) return
  const { count = 0, fileTransferId } = logLine.parse(JSON.parse(line.slice(line.indexOf('{'))))
  seen.enqueued += count
  if (fileTransferId) seen.applied.add(fileTransferId)
}

// The timer leaves the deadlines alone: they are enqueued by name, when all are there.
const settings = { 'AzureWebJobs.expireDue.Disabled': '1' }
const stack = await startStack({ ports: 'free', settings, log: listen })
const account = connectTables({ connectionString: stack.settings.Tables ?? '' }, new DefaultAzureCredential(), 60_000)
const table = (name: string) => tableOf(account, name)
const stores = {
  transfers: tableFileTransferStore(table(tables.fileTransfers)),
  searchIndex: tableSearchIndex(table(tables.transfersByActor)),
}
const dueTable = table(tables.due)

/** A transfer that was initialized so long ago that it expires at this time; without a due row. */
function seed(expires: Date, sender: OrganizationNumber, recipient: OrganizationNumber) {
  const at = new Date(expires.getTime() - timeToLiveSeconds(resource) * 1000)
  return seedTransfer(stores, { resource, sender, recipient, at })
}

/** How long overviews take, one after the other, until this work is done. */
async function latencyDuring(url: string, authorization: string, work: Promise<unknown>) {
  const times: number[] = []
  let failures = 0
  let isDone = false
  const done = work.finally(() => {
    isDone = true
  })
  while (!isDone) {
    const start = performance.now()
    const response = await fetch(url, { headers: { authorization } })
    await response.text()
    if (!response.ok) failures++
    times.push(performance.now() - start)
    await pause(BETWEEN_CALLS_MS)
  }
  await done
  return `${quantile(times, 0.5).toFixed(0)} / ${quantile(times, 0.99).toFixed(0)}${failures > 0 ? ` (${failures} failed)` : ''}`
}

async function until(isReached: () => boolean) {
  let nextWord = performance.now() + PROGRESS_MS
  for (const end = performance.now() + TIMEOUT_MS; performance.now() < end; await pause(LOOK_AGAIN_MS)) {
    if (isReached()) return
    if (performance.now() < nextWord) continue
    console.error(`… ${seen.enqueued} enqueued, ${seen.applied.size} applied`)
    nextWord += PROGRESS_MS
  }
  throw new Error('Not all deadlines were met in half an hour.')
}

const runTimer = async () => {
  const headers = { 'content-type': 'application/json' }
  const call = { method: 'POST', headers, body: '{"input":""}' }
  const response = await fetch(`${stack.urls.app}/admin/functions/expireDue`, call)
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`)
}

try {
  const asked = new URLSearchParams({ org: owner, scope: 'altinn:broker.write' })
  const authorization = `Bearer ${await (await fetch(`${stack.urls.altinn}/token?${asked}`)).text()}`
  const own = await seed(new Date(Date.now() + 86_400_000), owner, someone(0))
  const overview = `${stack.urls.app}/broker/api/v1/filetransfer/${own.id}`

  console.log('   due  handed on s  all met s  met/s  overview p50 / p99 ms, before  and meanwhile')
  for (const size of SIZES) {
    const expires = new Date(Date.now() - 60_000)
    const due: Awaited<ReturnType<typeof seed>>[] = []
    await forEachConcurrent(Array(size).keys(), AT_ONCE, async (number) => {
      const pair = 2 * Math.floor(number / TRANSFERS_OF_ONE)
      due.push(await seed(expires, someone(pair), someone(pair + 1)))
    })
    const { due: deadlines } = tablePending(
      { due: dueTable, before020: table(tables.outboxBefore020) },
      () => new Date(),
    )
    await forEachConcurrent(due, AT_ONCE, ({ id, deadlines: own }) => deadlines.replace(id, [], own))
    const calm = await latencyDuring(overview, authorization, pause(CALM_MS))

    seen.enqueued = 0
    seen.applied.clear()
    const start = performance.now()
    const seconds = () => (performance.now() - start) / 1000
    let enqueued = 0
    const meet = async () => {
      await runTimer()
      await until(() => seen.enqueued >= size)
      enqueued = seconds()
      await until(() => seen.applied.size >= size)
    }
    const meanwhile = await latencyDuring(overview, authorization, meet())
    const met = seconds()

    const cells = [
      [size, 6],
      [enqueued.toFixed(1), 11],
      [met.toFixed(1), 9],
      [(size / met).toFixed(0), 5],
      [calm, 32],
      [meanwhile, 13],
    ] as const
    console.log(cells.map(([value, width]) => String(value).padStart(width)).join('  '))
  }
} finally {
  await stack.stop()
}
