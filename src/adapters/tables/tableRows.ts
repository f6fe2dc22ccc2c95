import { odata, type TableClient, type TransactionAction } from '@azure/data-tables'
import type { StoredRow, TableRows } from '../../usecases/ports/operating.js'
import { unless } from '../azure/failures.js'
import { retryConflicts } from './rows.js'
import { factKey, STATE } from './tableFileTransferStore.js'

/** How often a conflict with concurrent writers is retried. */
const TRIES = 5
/** Rows of TUS uploads sort after the state. A backup has none: their blocks are others when it is restored. */
const UP_TO_STATE = odata`RowKey le ${STATE}`

/** The rows of tables as they are stored. In the table `fileTransfers` a partition has a state and its facts. */
export const tableRows = (table: (name: string) => TableClient, fileTransfers: string): TableRows => ({
  async *writtenSince({ table: name, from, until }, since) {
    const isOfTransfers = name === fileTransfers
    const written = since && odata`Timestamp ge ${since}`
    const range = [from && odata`PartitionKey ge ${from}`, until && odata`PartitionKey lt ${until}`]
    const rows = rowsOf(table(name), [...range, written, isOfTransfers && UP_TO_STATE])
    yield* isOfTransfers ? withAllFacts(table(name), rows, written) : rows
  },

  async addMissing(name, rows) {
    const client = table(name)
    let missing = rows
    return retryConflicts(`the rows of ${name}`, TRIES, async () => {
      if (missing.length === 0) return 0
      const created = await unless(
        409,
        create(client, missing).then(() => missing.length),
      )
      if (created !== undefined) return created
      missing = await missingAmong(client, rows)
      return 'conflict'
    })
  },

  async isEmpty(name) {
    for await (const page of table(name).listEntities().byPage({ maxPageSize: 1 })) if (page.length > 0) return false
    return true
  },

  async *fileTransferIds() {
    let last: string | undefined
    const queryOptions = { select: ['PartitionKey'] }
    for await (const { partitionKey } of table(fileTransfers).listEntities({ queryOptions })) {
      if (partitionKey !== undefined && partitionKey !== last) yield partitionKey
      last = partitionKey
    }
  },
})

async function* rowsOf(table: TableClient, conditions: (string | false | undefined)[]): AsyncGenerator<StoredRow> {
  const filter = conditions.filter(Boolean).join(' and ')
  const rows = table.listEntities<Typed>({ queryOptions: { filter }, disableTypeConversion: true })
  for await (const row of rows) yield storedRow(row)
}

type Typed = Record<string, unknown>
type Value = { type: string; value: unknown }

/** Strings, numbers and booleans as in JSON; other values with their type. */
function storedRow({ partitionKey, rowKey, timestamp, etag, ...columns }: Typed): StoredRow {
  const values = Object.entries(columns).flatMap(([name, value]) => (isValue(value) ? [[name, plain(value)]] : []))
  return { partitionKey: String(partitionKey), rowKey: String(rowKey), timestamp, ...Object.fromEntries(values) }
}

const isValue = (value: unknown): value is Value => typeof value === 'object' && value !== null && 'type' in value

/** The SDK gives numbers and booleans as strings. */
function plain({ type, value }: Value): unknown {
  switch (type) {
    case 'String':
      return value
    case 'Boolean':
      return String(value) === 'true'
    case 'Int32':
      return Number(value)
    case 'Double':
      return { type, value: Number.isFinite(Number(value)) ? Number(value) : value }
    default:
      return { type, value }
  }
}

/**
 * A page may end within a partition, and a change may be committed there before the next page is read. Then the state
 * comes without its last facts, which are read for it. Facts without their state do not occur: they sort before it.
 */
async function* withAllFacts(table: TableClient, rows: AsyncIterable<StoredRow>, written: string | undefined) {
  let last = { id: '', sequence: 0 }
  for await (const row of rows) {
    const { partitionKey: id, rowKey } = row
    if (rowKey !== STATE) last = { id, sequence: Number(rowKey.slice('event-'.length)) }
    else {
      const lastRead = last.id === id ? last.sequence : 0
      const sequence = Number(row.sequence)
      if (lastRead < sequence) {
        const range = odata`RowKey ge ${factKey(lastRead + 1)} and RowKey le ${factKey(sequence)}`
        yield* rowsOf(table, [odata`PartitionKey eq ${id}`, range, written])
      }
    }
    yield row
  }
}

/** All or none. A single row needs no transaction, in which U+2028 would be read as the end of a line (rows.ts). */
async function create(table: TableClient, rows: StoredRow[]): Promise<void> {
  const [entity, ...more] = rows.map(({ timestamp, ...row }) => row)
  if (entity && more.length === 0) return void (await table.createEntity(entity))
  await table.submitTransaction(rows.map(({ timestamp, ...row }): TransactionAction => ['create', row]))
}

async function missingAmong(table: TableClient, rows: StoredRow[]): Promise<StoredRow[]> {
  const keys = rows.map(({ rowKey }) => rowKey).toSorted()
  const range = odata`RowKey ge ${keys[0] ?? ''} and RowKey le ${keys.at(-1) ?? ''}`
  const filter = `${odata`PartitionKey eq ${rows[0]?.partitionKey ?? ''}`} and ${range}`
  const there = new Set<string | undefined>()
  for await (const { rowKey } of table.listEntities({ queryOptions: { filter, select: ['RowKey'] } })) there.add(rowKey)
  return rows.filter(({ rowKey }) => !there.has(rowKey))
}
