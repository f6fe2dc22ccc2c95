import type { StoredRow, TableRows } from '../../src/usecases/ports/operating.js'

/** The rows of tables in memory, in the order of their keys. `put` writes one, as the app would. */
export function memoryTableRows(now: () => Date, fileTransfers: string) {
  const tables = new Map<string, Map<string, StoredRow>>()
  const tableOf = (name: string) => tables.get(name) ?? new Map<string, StoredRow>()
  const keyOf = ({ partitionKey, rowKey }: StoredRow) => `${partitionKey}\0${rowKey}`
  const inOrder = (name: string) =>
    [...tableOf(name)].toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([, row]) => row)
  const put = (name: string, row: StoredRow) => {
    const written = { ...row, timestamp: now().toISOString() }
    tables.set(name, tableOf(name).set(keyOf(row), structuredClone(written)))
  }

  const rows: TableRows = {
    async *writtenSince({ table, from, until }, since) {
      for (const row of inOrder(table)) {
        const isInRange = (!from || row.partitionKey >= from) && (!until || row.partitionKey < until)
        const isLeftOut = table === fileTransfers && row.rowKey > 'state'
        const isNew = !since || new Date(String(row.timestamp)) >= since
        if (isInRange && isNew && !isLeftOut) yield structuredClone(row)
      }
    },
    async addMissing(table, added) {
      const missing = added.filter((row) => !tableOf(table).has(keyOf(row)))
      for (const row of missing) put(table, row)
      return missing.length
    },
    isEmpty: async (table) => tableOf(table).size === 0,
    async *fileTransferIds() {
      yield* new Set(inOrder(fileTransfers).map(({ partitionKey }) => partitionKey))
    },
  }
  return { ...rows, put }
}
