import { randomUUID } from 'node:crypto'
import { TableClient } from '@azure/data-tables'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startAzurite } from '../../local/azurite/azurite.js'
import type { StackProcess } from '../../local/childProcess.js'
import { freePorts } from '../../local/ports.js'
import { freshSettings, onPorts, type Settings } from '../../local/settings.js'
import { azurite } from '../support/azurite.js'

const plain = azurite('table', ['tables'])
let settings: Settings
let part: StackProcess
beforeAll(async () => {
  const ports = await freePorts()
  settings = onPorts(await freshSettings(), ports)
  part = await startAzurite({ ports, settings, data: 'memory', log: () => {}, onBlobCommitted: () => {} })
})
afterAll(() => part?.stop())

const many = 1100
const few = 30
const keyOf = (number: number) => `row:${String(number).padStart(5, '0')}`

async function filled(connectionString: string): Promise<TableClient> {
  const name = `t${randomUUID().replaceAll('-', '')}`
  const table = TableClient.fromConnectionString(connectionString, name, { allowInsecureConnection: true })
  await table.createTable()
  for (const [partitionKey, count] of [
    ['many', many],
    ["it's few", few],
  ] as const) {
    const rows = Array.from({ length: count }, (_, number) => ({ partitionKey, rowKey: keyOf((number * 7) % count) }))
    for (let at = 0; at < count; at += 100) {
      await table.submitTransaction(rows.slice(at, at + 100).map((row) => ['create', row]))
    }
  }
  for (const number of [3, 13, 14]) await table.deleteEntity('many', keyOf(number))
  await table.createEntity({ partitionKey: 'many', rowKey: keyOf(14), text: 'anew' })
  await table.upsertEntity({ partitionKey: 'many', rowKey: keyOf(15), text: 'changed' }, 'Replace')
  const refused = table.submitTransaction([
    ['delete', { partitionKey: 'many', rowKey: keyOf(16) }],
    ['create', { partitionKey: 'many', rowKey: 'row:00016-and-a-half' }],
    ['create', { partitionKey: 'many', rowKey: keyOf(17) }], // is there
  ])
  await expect(refused).rejects.toThrow()
  return table
}

async function pagesOf(table: TableClient, filter: string, maxPageSize: number) {
  const pages: string[][] = []
  for await (const page of table.listEntities({ queryOptions: { filter } }).byPage({ maxPageSize })) {
    pages.push(page.map(({ partitionKey, rowKey, text = '' }) => `${partitionKey} ${rowKey} ${text}`))
  }
  return pages
}

test('the local tables answer every query as Azurite does, page by page', async () => {
  const [ours, theirs] = await Promise.all([filled(settings.Tables ?? ''), filled(plain.connectionString('tables'))])
  const bounds = ['', ` and RowKey ge '${keyOf(12)}'`, ` and RowKey gt '${keyOf(12)}'`].flatMap((low) =>
    ['', ` and RowKey lt '${keyOf(25)}'`, ` and RowKey le '${keyOf(25)}'`].map((high) => low + high),
  )
  for (const partition of ['many', "it''s few", 'none']) {
    for (const bound of bounds) {
      // More than a thousand rows in pages of a few would be asked for over and over.
      for (const size of [bound.includes('RowKey l') ? 7 : 400, 1000]) {
        const filter = `PartitionKey eq '${partition}'${bound}`
        expect(await pagesOf(ours, filter, size), `${filter}, ${size}`).toEqual(await pagesOf(theirs, filter, size))
      }
    }
  }
  for (const number of [3, 13, 14, 15, 16, 17]) {
    const [mine, plainly] = await Promise.all(
      [ours, theirs].map((table) =>
        table.getEntity('many', keyOf(number)).then(
          ({ text = 'as it was' }) => text,
          ({ statusCode }) => statusCode,
        ),
      ),
    )
    expect(mine, keyOf(number)).toBe(plainly)
  }
  const other = `PartitionKey eq 'many' or RowKey eq '${keyOf(3)}'`
  expect(await pagesOf(ours, other, 1000)).toEqual(await pagesOf(theirs, other, 1000))
})
