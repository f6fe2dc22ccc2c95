// Azurite answers a query by a look at every row of its table, which no table in Azure does: so a search would be the slower the more the table holds.
// Queries of rows that follow each other in one partition, which is all that Broker asks, are answered here from Azurite's own indexes.

type Row = { PartitionKey: string; RowKey: string }
type Key = keyof Row

/** A table as lokijs keeps it: rows in no order, and for each key the places of the rows in the order of their keys. */
type Collection = {
  data: Row[]
  binaryIndices: Record<Key, { values: number[] }>
  calculateRange(operator: '$eq' | '$gte', key: Key, value: string): [first: number, last: number]
}
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

const TEXT = "'((?:[^']|'')*)'"
const IN_ONE_PARTITION = new RegExp(
  `^PartitionKey eq ${TEXT}(?: and RowKey (ge|gt) ${TEXT})?(?: and RowKey (le|lt) ${TEXT})?$`,
)
const unquoted = (text: string) => text.replaceAll("''", "'")

/** A partition of so few rows is looked through as a whole. */
const FEW = 1000

/** Has a store of Azurite's tables answer such queries by what they return, and not by what the table holds. */
export function answerByIndex(store: Store): void {
  const plain = store.queryTableEntities
  store.queryTableEntities = async function (...query) {
    const [context, account, table, options, , nextRow] = query
    const asked = IN_ONE_PARTITION.exec(options.filter ?? '')
    if (!asked) return plain.apply(this, query)
    const [, partition = '', above, low = '', below, high = ''] = asked
    const after = this.decodeContinuationHeader(nextRow) ?? ''
    const isAsked = ({ PartitionKey, RowKey }: Row) =>
      PartitionKey === unquoted(partition) &&
      (above === 'gt' ? RowKey > unquoted(low) : RowKey >= unquoted(low)) &&
      RowKey >= after &&
      (below === undefined || RowKey < unquoted(high) || (below === 'le' && RowKey === unquoted(high)))
    const isPast = ({ RowKey }: Row) => below !== undefined && RowKey > unquoted(high)

    const collection = this.getEntityCollection(account, table, context)
    const most = this.getMaxResultsOption(options)
    const rows = inOrder(collection, unquoted(partition), after || unquoted(low))
    const found: Row[] = []
    for (const row of rows) {
      if (isPast(row) || found.length > most) break
      if (isAsked(row)) found.push(row)
    }
    const { nextPartitionKeyResponse, nextRowKeyResponse } = this.adjustQueryResultforTop(found, most)
    return [found, nextPartitionKeyResponse, nextRowKeyResponse]
  }
}

/** Rows from this key on, in the order of their keys: those of the partition, if they are few, else all. */
function* inOrder(collection: Collection, partition: string, start: string): Generator<Row> {
  const rowsAt = (key: Key, first: number, last: number) =>
    collection.binaryIndices[key].values.slice(first, last + 1).flatMap((place) => collection.data[place] ?? [])
  const [first, last] = collection.calculateRange('$eq', 'PartitionKey', partition)
  if (last - first < FEW) {
    yield* rowsAt('PartitionKey', first, last).toSorted((one, other) => (one.RowKey < other.RowKey ? -1 : 1))
    return
  }
  const { values } = collection.binaryIndices.RowKey
  const [from] = collection.calculateRange('$gte', 'RowKey', start)
  for (let at = from; at < values.length; at++) {
    const row = collection.data[values[at] ?? -1]
    if (row) yield row
  }
}
