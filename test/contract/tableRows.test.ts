import { randomUUID } from 'node:crypto'
import type { TableClient } from '@azure/data-tables'
import { describe, expect, test, vi } from 'vitest'
import { tableFileTransferStore } from '../../src/adapters/tables/tableFileTransferStore.js'
import { tableRows } from '../../src/adapters/tables/tableRows.js'
import { evolveAll } from '../../src/domain/fileTransfer/evolve.js'
import type { Fact, FileTransfer } from '../../src/domain/fileTransfer/state.js'
import { partsByFirstDigit, wholeTable } from '../../src/domain/operating/backup.js'
import type { StoredRow, TableRows } from '../../src/usecases/ports/operating.js'
import { memoryTableRows } from '../memory/memoryTableRows.js'
import { azuriteTables, type TestTable } from '../support/azurite.js'
import { all, initialized, kari, later } from '../support/samples.js'

const TRANSFERS = 'FileTransfers'
const OTHERS = 'Others'

type Made = { rows: TableRows; put: (table: string, row: StoredRow) => Promise<unknown> }

const row = (partitionKey: string, rowKey: string, columns: object = {}): StoredRow => ({
  partitionKey,
  rowKey,
  ...columns,
})
const keysOf = (rows: StoredRow[]) => rows.map(({ partitionKey, rowKey }) => `${partitionKey} ${rowKey}`)
const keysIn = async ({ rows }: Made, table: string, since?: Date) =>
  keysOf(await all(rows.writtenSince(wholeTable(table), since)))
const withoutTime = ({ timestamp, ...rest }: StoredRow) => rest

/** Values of every type that a table knows. */
const everything = {
  text: 'søknad \u2028 \n "quoted" 🗂',
  empty: '',
  looksLikeANumber: '007',
  yes: true,
  no: false,
  count: 42,
  negative: -1,
  moment: { type: 'DateTime', value: '2026-03-01T12:00:00.1234567Z' },
  large: { type: 'Int64', value: '9007199254740993' },
  whole: { type: 'Double', value: 5 },
  fraction: { type: 'Double', value: 0.1 },
  bytes: { type: 'Binary', value: Buffer.from([0, 255]).toString('base64') },
  id: { type: 'Guid', value: '4a1f7a50-3f0b-4e53-9d4a-6f1d6a7a2b11' },
}

function tableRowsContract(name: string, make: () => Promise<Made>) {
  describe(`the rows of ${name}`, () => {
    test('come whole, in the order of their keys, and can be added to another table as they were', async () => {
      const [from, to] = [await make(), await make()]
      await from.put(OTHERS, row('b', '1', everything))
      await from.put(OTHERS, row('a', '2'))
      await from.put(OTHERS, row('a', '1', { text: 'first' }))

      const read = await all(from.rows.writtenSince(wholeTable(OTHERS), undefined))
      expect(keysOf(read)).toEqual(['a 1', 'a 2', 'b 1'])
      expect(await to.rows.addMissing(OTHERS, read.slice(0, 2))).toBe(2)
      expect(await to.rows.addMissing(OTHERS, read.slice(2))).toBe(1)

      const copied = await all(to.rows.writtenSince(wholeTable(OTHERS), undefined))
      expect(copied.map(withoutTime)).toEqual(read.map(withoutTime))
      expect(copied[2]).toMatchObject({ text: everything.text, count: 42, yes: true, large: everything.large })
    })

    test('are those that were written since a time, whether new or changed', async () => {
      const made = await make()
      await made.put(OTHERS, row('a', 'old'))
      await made.put(OTHERS, row('a', 'changed'))
      const [first, second] = await all(made.rows.writtenSince(wholeTable(OTHERS), undefined))
      const written = Math.max(...[first, second].map((each) => Date.parse(String(each?.timestamp))))
      const since = new Date(written + 1)
      await vi.waitUntil(() => Date.now() > since.getTime())
      await made.put(OTHERS, row('a', 'changed', { count: 2 }))
      await made.put(OTHERS, row('b', 'new'))

      expect(await keysIn(made, OTHERS, since)).toEqual(['a changed', 'b new'])
    })

    test('are each in one of the parts of their table', async () => {
      const made = await make()
      const ids = Array.from({ length: 60 }, () => randomUUID())
      for (const id of ids) await made.put(TRANSFERS, row(id, 'state', { sequence: 0 }))

      const parts = await Promise.all(
        partsByFirstDigit(TRANSFERS).map((part) => all(made.rows.writtenSince(part, undefined))),
      )

      expect(parts.flat().map(({ partitionKey }) => partitionKey)).toEqual(ids.toSorted())
      for (const [index, part] of parts.entries())
        for (const { partitionKey } of part) expect(Number.parseInt(partitionKey.charAt(0), 16)).toBe(index)
    })

    test('of a file transfer are its state and facts, not its TUS uploads', async () => {
      const made = await make()
      const id = randomUUID()
      for (const key of ['tus-1', 'state', 'event-00000001']) await made.put(TRANSFERS, row(id, key, { sequence: 1 }))

      expect(await keysIn(made, TRANSFERS)).toEqual([`${id} event-00000001`, `${id} state`])
    })

    test('that are there are not changed by adding, and the others are added', async () => {
      const made = await make()
      await made.put(OTHERS, row('a', '50', { text: 'there' }))
      const added = Array.from({ length: 100 }, (_, i) => row('a', String(i), { text: 'added' }))

      expect(await made.rows.addMissing(OTHERS, added)).toBe(99)
      expect(await made.rows.addMissing(OTHERS, added)).toBe(0)

      const rows = await all(made.rows.writtenSince(wholeTable(OTHERS), undefined))
      expect(rows).toHaveLength(100)
      expect(rows.filter(({ text }) => text === 'there').map(({ rowKey }) => rowKey)).toEqual(['50'])
    })

    test('may be added concurrently', async () => {
      const made = await make()
      const added = Array.from({ length: 20 }, (_, i) => row('a', String(i)))

      const counts = await Promise.all([1, 2, 3].map(() => made.rows.addMissing(OTHERS, added)))

      expect(counts.reduce((sum, count) => sum + count)).toBe(20)
    })

    test('are there, or not', async () => {
      const made = await make()

      expect(await made.rows.isEmpty(OTHERS)).toBe(true)
      await made.put(OTHERS, row('a', '1'))
      expect(await made.rows.isEmpty(OTHERS)).toBe(false)
    })

    test('list each file transfer once, also one that has lost its state', async () => {
      const made = await make()
      const ids = [randomUUID(), randomUUID(), randomUUID()].toSorted()
      for (const id of ids) for (const key of ['1', '2']) await made.put(TRANSFERS, row(id, `event-0000000${key}`))

      expect(await all(made.rows.fileTransferIds())).toEqual(ids)
    })
  })
}

const makeTable = azuriteTables()

async function ofAzure() {
  const made = new Map<string, TestTable>([
    [TRANSFERS, await makeTable()],
    [OTHERS, await makeTable()],
  ])
  const table = (name: string) => made.get(name) as TestTable
  const rows = tableRows((name) => table(name).sdk, TRANSFERS)
  return { rows, table, put: (name: string, each: StoredRow) => table(name).sdk.upsertEntity(each, 'Replace') }
}

tableRowsContract('memory', async () => {
  const rows = memoryTableRows(() => new Date(), TRANSFERS)
  return { rows, put: async (table, each) => rows.put(table, each) }
})
tableRowsContract('Azure tables', ofAzure)

describe('the rows of file transfers in an Azure table', () => {
  const downloads = (count: number): Fact[] =>
    Array.from({ length: count }, (_, i) => ({ type: 'DownloadStarted', number: 1, recipient: kari, at: later(i) }))

  /** Reads all rows, while `meanwhile` happens after the first of them: the rest is on pages that are read later. */
  async function readWhile(
    made: Awaited<ReturnType<typeof ofAzure>>,
    after: number,
    meanwhile: () => Promise<unknown>,
  ) {
    const read: StoredRow[] = []
    for await (const each of made.rows.writtenSince(wholeTable(TRANSFERS), undefined)) {
      read.push(each)
      if (read.length === after) await meanwhile()
    }
    return read
  }

  // The service may end a page at any row that it looked at, whether the query wants it or not.
  test('hold the facts of a state whose earlier ones were not wanted, when a page ended before it', async () => {
    const number = (value: number) => ({ type: 'Int32', value: String(value) })
    const entity = (partitionKey: string, rowKey: string, sequence = 0) => ({
      partitionKey,
      rowKey,
      sequence: number(sequence),
    })
    const pages = [entity('a', 'event-00000007'), entity('a', 'state', 7), entity('b', 'state', 4)]
    const listEntities = async function* ({ queryOptions: { filter } }: { queryOptions: { filter: string } }) {
      yield* filter.includes("PartitionKey eq 'b'") ? [entity('b', 'event-00000004')] : pages
    }
    const rows = tableRows(() => ({ listEntities }) as unknown as TableClient, TRANSFERS)

    const read = await all(rows.writtenSince(wholeTable(TRANSFERS), later(0)))

    expect(keysOf(read)).toEqual(['a event-00000007', 'a state', 'b event-00000004', 'b state'])
  })

  // A page has 1,000 rows: so many facts, and the state on the next page.
  test.each([999, 1000, 1001])(
    'hold every fact up to the state, though it changes while %s are read',
    async (count) => {
      const made = await ofAzure()
      const store = tableFileTransferStore(made.table(TRANSFERS))
      const { transfer, facts } = initialized()
      let state: FileTransfer = transfer
      let version = await store.commit(transfer, facts, 'first', undefined)
      const commit = async (added: Fact[]) => {
        state = evolveAll(state, added)
        version = await store.commit(state, added, randomUUID(), version)
      }
      for (let left = count - 1; left > 0; left -= 90) await commit(downloads(Math.min(left, 90)))

      const read = await readWhile(made, 1, () => commit(downloads(3)))

      const facts1 = read.filter(({ rowKey }) => rowKey.startsWith('event-'))
      const last = read.at(-1)
      expect(last).toMatchObject({ rowKey: 'state' })
      expect(facts1.map(({ rowKey }) => rowKey)).toEqual(
        Array.from({ length: Number(last?.sequence) }, (_, i) => `event-${String(i + 1).padStart(8, '0')}`),
      )
    },
  )
})
