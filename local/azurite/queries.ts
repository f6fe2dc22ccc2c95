import sorted from 'sorted-btree'

// Azurite searches all rows with the same row key, and every file transfer has a row named `state`; a query scans the
// whole table. So every table gets slower as it grows, which no table in Azure does. The queries of Broker (a row by
// its keys, and rows in order within one partition) are answered here from an index by partition, sorted by row key.

type Row = { PartitionKey: string; RowKey: string }

/** A table as lokijs keeps it: rows in no order. */
type Collection = {
  data: Row[]
  on(event: 'insert' | 'update' | 'delete', listener: (row: Row) => void): void
  findOne(this: Collection, query: object): unknown
}
type Database = { addCollection(this: Database, name: string, options?: { indices?: string[] }): unknown }
type Options = { filter?: string; top?: number }
type Query = [
  context: unknown,
  account: string,
  table: string,
  options: Options,
  nextPartition?: string,
  nextRow?: string,
]
type Store = {
  getEntityCollection(account: string, table: string, context: unknown): Collection
  getMaxResultsOption(options: Options): number
  decodeContinuationHeader(text?: string): string | undefined
  adjustQueryResultforTop(
    rows: Row[],
    most: number,
  ): { nextPartitionKeyResponse: string | undefined; nextRowKeyResponse: string | undefined }
  queryTableEntities(this: Store, ...query: Query): Promise<unknown>
}

/** Creates tables without indices, which make inserts slower as a table grows; `findByKeys` needs none. */
export function withoutIndices(database: Database): void {
  const plain = database.addCollection
  database.addCollection = function (name, options) {
    const isTable = options?.indices?.includes('PartitionKey')
    return plain.call(this, name, isTable ? {} : options)
  }
}

/** Leaves out the saving of everything each five seconds; what has changed is saved when the database is closed. */
export function saveWhenClosed(database: { autosave?: boolean; autosaveEnable(): void }): void {
  database.autosaveEnable = function () {
    this.autosave = true
  }
}

/** Finds a row by its keys in the index. Other collections and other queries are unchanged. */
export function findByKeys(collections: Collection): void {
  const plain = collections.findOne
  collections.findOne = function (query) {
    if (!isByKeys(query)) return plain.call(this, query)
    return partitionsOf(this).get(query.PartitionKey)?.get(query.RowKey) ?? null
  }
}

const isByKeys = (query: object): query is Row =>
  'PartitionKey' in query && 'RowKey' in query && Object.keys(query).length === 2

const TEXT = "'((?:[^']|'')*)'"
const IN_ONE_PARTITION = new RegExp(
  `^PartitionKey eq ${TEXT}(?: and RowKey (ge|gt) ${TEXT})?(?: and RowKey (le|lt) ${TEXT})?$`,
)
const unquoted = (text = '') => text.replaceAll("''", "'")

/** Answers a query within one partition at the cost of the rows that it returns, not of the rows in the table. */
export function queryInOrder(store: Store): void {
  const plain = store.queryTableEntities
  store.queryTableEntities = async function (...query) {
    const [context, account, table, options, , nextRow] = query
    const asked = IN_ONE_PARTITION.exec(options.filter ?? '')
    if (!asked) return plain.apply(this, query)
    const [partition, low, high] = [asked[1], asked[3], asked[5]].map(unquoted)
    const [, , above, , below] = asked
    const isBefore = ({ RowKey }: Row) => above === 'gt' && RowKey === low
    const isPast = ({ RowKey }: Row) => below && (RowKey > (high ?? '') || (below === 'lt' && RowKey === high))

    const rows = partitionsOf(this.getEntityCollection(account, table, context)).get(partition ?? '')
    const most = this.getMaxResultsOption(options)
    const found: Row[] = []
    for (const [, row] of rows?.entries(this.decodeContinuationHeader(nextRow) ?? low ?? '') ?? []) {
      if (isPast(row) || found.length > most) break
      if (!isBefore(row)) found.push(row)
    }
    const { nextPartitionKeyResponse, nextRowKeyResponse } = this.adjustQueryResultforTop(found, most)
    return [found, nextPartitionKeyResponse, nextRowKeyResponse]
  }
}

/** The rows of a table, by their partitions and in the order of their row keys, kept as the table changes. */
const known = new WeakMap<Collection, Map<string, Rows>>()
type Rows = sorted.default<string, Row>

function partitionsOf(collection: Collection): Map<string, Rows> {
  const made = known.get(collection)
  if (made) return made
  const partitions = new Map<string, Rows>()
  const put = (row: Row) => {
    const rows = partitions.get(row.PartitionKey) ?? new sorted.default<string, Row>()
    rows.set(row.RowKey, row)
    partitions.set(row.PartitionKey, rows)
  }
  collection.data.forEach(put)
  collection.on('insert', put)
  collection.on('update', put)
  collection.on('delete', ({ PartitionKey, RowKey }) => {
    const rows = partitions.get(PartitionKey)
    rows?.delete(RowKey)
    if (rows?.isEmpty) partitions.delete(PartitionKey)
  })
  known.set(collection, partitions)
  return partitions
}
