// What a search costs as the history of one party grows: round trips, rows returned and time, for a page of 100 of its newest transfers.
// Beside it the time of a query by the SDK alone on the same table, since the emulator itself slows down with its tables.
import { randomUUID } from 'node:crypto'
import { odata, TableClient } from '@azure/data-tables'
import { createTables, startAzurite } from '../local/azurite.js'
import { freePorts } from '../local/ports.js'
import { freshSettings, onPorts } from '../local/settings.js'
import { tableSearchIndex } from '../src/adapters/tables/tableSearchIndex.js'
import { tables } from '../src/config.js'
import { parseOrganizationNumber } from '../src/domain/organizationNumber.js'
import type { SearchProjection, SearchQuery } from '../src/domain/searchRows.js'
import { forEachOf } from '../src/usecases/forEachOf.js'

const SIZES = [100, 1000, 10_000]
const PAGE = 100
const RUNS = 20
const START = Date.parse('2026-01-01T00:00:00Z')

const organization = parseOrganizationNumber('991825827')
if (!organization) throw new Error('unreachable')
const resourceId = 'bench'

const transfer = (number: number): SearchProjection => {
  const at = new Date(START + number * 1000)
  return {
    actor: { organization, resourceId, role: number % 2 ? 'Sender' : 'Recipient' },
    fileTransferId: randomUUID(),
    sequence: 4,
    timelines: [{ at }, { status: 'Published', at }],
  }
}

const median = (values: number[]) => values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0

async function timed(run: () => Promise<unknown>): Promise<number> {
  const times: number[] = []
  for (let i = 0; i < RUNS; i++) {
    const start = performance.now()
    await run()
    times.push(performance.now() - start)
  }
  return median(times)
}

const ports = await freePorts()
const settings = onPorts(await freshSettings(), ports)
const azurite = await startAzurite({ ports, settings, data: 'memory', log: () => {}, onBlobCommitted: () => {} })
try {
  await createTables(settings)
  const connect = () =>
    TableClient.fromConnectionString(settings.Tables ?? '', tables.transfersByActor, { allowInsecureConnection: true })
  const counted = connect()
  let requests = 0
  let rows = 0
  counted.pipeline.addPolicy({
    name: 'count',
    async sendRequest(request, next) {
      requests++
      const response = await next(request)
      const { value = [] } = JSON.parse(response.bodyAsText || '{}') as { value?: unknown[] }
      rows += value.length
      return response
    },
  })
  const seeding = tableSearchIndex(connect())
  const index = tableSearchIndex(counted)
  const alone = connect()
  const query: SearchQuery = {
    organization,
    resourceId,
    roles: ['Sender', 'Recipient'],
    order: 'newest',
    status: 'Published',
  }

  console.log('transfers  round trips  rows  search ms  SDK alone ms   (medians of', RUNS, 'runs)')
  let seeded = 0
  for (const size of SIZES) {
    const numbers = Array.from({ length: size - seeded }, (_, i) => seeded + i)
    await forEachOf(numbers, 16, (number) => seeding.project(transfer(number), { read: undefined }))
    seeded = size
    requests = rows = 0
    const page = await index.search(query, undefined, PAGE)
    if (page.ids.length !== PAGE) throw new Error(`A page of ${page.ids.length} was found.`)
    const cost = [requests, rows]
    const searchMs = await timed(() => index.search(query, undefined, PAGE))
    const filter = odata`PartitionKey eq ${`${organization}:${resourceId}`} and RowKey lt ${'Recipient:newest:Published:~'}`
    const aloneMs = await timed(() =>
      alone.listEntities({ queryOptions: { filter } }).byPage({ maxPageSize: PAGE }).next(),
    )
    const cells = [
      [size, 9],
      [cost[0], 11],
      [cost[1], 4],
      [searchMs.toFixed(1), 9],
      [aloneMs.toFixed(1), 12],
    ] as const
    console.log(cells.map(([value, width]) => String(value).padStart(width)).join('  '))
  }
} finally {
  await azurite.stop()
}
