// What operations cost as the history of one party grows: round trips and rows returned, which stay level, and time.
// Beside it the time of a query by the SDK alone on the same table, which is the emulator's. Sizes: `node
// dist/bench/growingHistory.js 100 1000`; taking in 100,000 lasts four minutes.
import { randomUUID } from 'node:crypto'
import { odata, TableClient } from '@azure/data-tables'
import { DefaultAzureCredential } from '@azure/identity'
import { createTables, startAzurite } from '../local/azurite/azurite.js'
import { freePorts } from '../local/ports.js'
import { freshSettings, onPorts } from '../local/settings.js'
import { connectTables, type TableAccount } from '../src/adapters/tableService/connection.js'
import { tableOf } from '../src/adapters/tableService/table.js'
import { tableFileTransferStore } from '../src/adapters/tables/tableFileTransferStore.js'
import { tablePending } from '../src/adapters/tables/tablePending.js'
import { tableSearchIndex } from '../src/adapters/tables/tableSearchIndex.js'
import { tables } from '../src/config.js'
import type { SearchQuery } from '../src/domain/projections/search.js'
import { newResource } from '../src/domain/resource.js'
import { forEachConcurrent } from '../src/lib/forEachConcurrent.js'
import { barChart, keepChart } from './chart.js'
import { quantile } from './quantile.js'
import { organization, seedTransfer } from './seed.js'

const SIZES = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [100, 1000, 10_000, 100_000]
const PAGE = 100
const RUNS = 20
const STALL_MS = 60_000
/** The number of due deadlines and of cut-off changes, at every length of the history. */
const DUE = 10
const START = Date.parse('2026-01-01T00:00:00Z')
const NOW = new Date('2026-01-02T00:00:00Z')

const sender = organization('991825827')
const recipient = organization('986252932')
const resource = newResource('bench', sender)

const ports = await freePorts()
const settings = onPorts(await freshSettings(), ports)
const azurite = await startAzurite({ ports, settings, data: 'memory', log: () => {}, onBlobCommitted: () => {} })

/** All that the counted clients have sent, and the rows that came back. */
const seen = { requests: 0, rows: 0 }
const account = connectTables({ connectionString: settings.Tables ?? '' }, new DefaultAzureCredential(), STALL_MS)
const counting: TableAccount = {
  address: account.address,
  async send(request) {
    const answer = await account.send(request)
    seen.requests++
    if (request.method !== 'GET') return answer
    const body: { value?: unknown[] } = JSON.parse(answer.text)
    seen.rows += body.value?.length ?? 1
    return answer
  },
}
const client = (name: string, isCounted: boolean) => tableOf(isCounted ? counting : account, name)
const stores = (isCounted: boolean) => ({
  transfers: tableFileTransferStore(client(tables.fileTransfers, isCounted)),
  searchIndex: tableSearchIndex(client(tables.transfersByActor, isCounted)),
  ...tablePending(
    { due: client(tables.due, isCounted), before020: client(tables.outboxBefore020, isCounted) },
    () => NOW,
  ),
})

/** A transfer of the one party; only the first few are due. */
async function seed({ transfers, searchIndex, due, outbox }: ReturnType<typeof stores>, number: number) {
  const at = new Date(START + number * 1000)
  const transfer = await seedTransfer({ transfers, searchIndex }, { resource, sender, recipient, at })
  const deadlines = transfer.deadlines.map((each) => (number < DUE ? { ...each, at: new Date(START) } : each))
  await due.replace(transfer.id, [], deadlines)
  if (number < DUE) await outbox.add({ changeId: randomUUID(), fileTransferId: transfer.id, first: 1 }, [])
  return transfer.id
}

const query: SearchQuery = {
  organization: sender,
  resourceId: resource.id,
  roles: ['Sender', 'Recipient'],
  order: 'newest',
  status: 'Initialized',
}
const median = (values: number[]) => quantile(values, 0.5)

async function timed(run: () => Promise<unknown>): Promise<number> {
  const times: number[] = []
  for (let i = 0; i < RUNS; i++) {
    const start = performance.now()
    await run()
    times.push(performance.now() - start)
  }
  return median(times)
}

try {
  await createTables(settings)
  const [seeding, counted] = [stores(false), stores(true)]
  const alone = TableClient.fromConnectionString(settings.Tables ?? '', tables.transfersByActor, {
    allowInsecureConnection: true,
  })
  const ids: string[] = []
  const anyId = () => ids[Math.floor(ids.length / 2)] ?? ''
  const operations: [string, () => Promise<unknown>][] = [
    ['search', () => counted.searchIndex.search(query, undefined, PAGE)],
    ['overview', () => counted.transfers.read(anyId())],
    ['details', () => counted.transfers.readFacts(anyId(), 1)],
    ['expiry tick', () => Array.fromAsync(counted.due.dueBy(NOW))],
    ['outbox tick', () => Array.fromAsync(counted.outbox.all())],
  ]
  const bars = []
  console.log(`transfers  operation     round trips  rows      ms  SDK alone ms   (medians of ${RUNS} runs)`)
  for (const size of SIZES) {
    const numbers = Array.from({ length: size - ids.length }, (_, i) => ids.length + i)
    await forEachConcurrent(numbers, 16, async (number) => ids.push(await seed(seeding, number)))
    const [partition, range] = [`${sender}:${resource.id}`, 'Sender:newest:Initialized:*:']
    const filter = odata`PartitionKey eq ${partition} and RowKey ge ${range} and RowKey lt ${`${range}~`}`
    const aloneMs = await timed(() =>
      alone.listEntities({ queryOptions: { filter } }).byPage({ maxPageSize: PAGE }).next(),
    )
    for (const [name, run] of operations) {
      Object.assign(seen, { requests: 0, rows: 0 })
      await run()
      const { requests, rows } = seen
      const ms = await timed(run)
      const cells = [
        String(size).padStart(9),
        name.padEnd(12),
        String(requests).padStart(11),
        String(rows).padStart(4),
        ms.toFixed(1).padStart(6),
        aloneMs.toFixed(1).padStart(12),
      ]
      console.log(cells.join('  '))
      bars.push({ label: `${name}, ${size} transfers`, value: rows, note: `in ${requests} round trips` })
    }
  }
  bars.sort((one, other) => one.label.localeCompare(other.label, 'en', { numeric: true }))
  await keepChart('growing-history', barChart('Rows returned as the history of a party grows', 'rows', bars))
} finally {
  await azurite.stop()
}
