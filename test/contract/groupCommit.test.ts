import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { statusOf } from '../../src/adapters/azure/failures.js'
import type { Action } from '../../src/adapters/tableService/operations.js'
import { type GroupCommit, groupCommit } from '../../src/adapters/tables/groupCommit.js'
import { azuriteTables, type TestTable } from '../support/azurite.js'
import { all } from '../support/samples.js'

const makeTable = azuriteTables()

/** A group commit whose calls are kept, and how many there were; `fail` may refuse to send one. */
async function counted(fail = (_call: number) => {}) {
  const calls: { rows: number }[] = []
  const table = await makeTable(({ address, send }) => ({
    address,
    async send(request) {
      if (request.method !== 'GET') {
        const parts = request.body?.match(/^(POST|PUT|PATCH|MERGE|DELETE) http/gm)?.length
        calls.push({ rows: parts ?? 1 })
        fail(calls.length)
      }
      return send(request)
    },
  }))
  return { table, submit: groupCommit(table), calls: () => calls.map(({ rows }) => rows) }
}

const create = (rowKey: string, partitionKey = 'p'): Action => ['create', { partitionKey, rowKey }]
const put = (rowKey: string, value: number, partitionKey = 'p'): Action => [
  'upsert',
  { partitionKey, rowKey, value },
  'Replace',
]
const remove = (rowKey: string, partitionKey = 'p'): Action => ['delete', { partitionKey, rowKey }]

async function keysIn({ sdk }: TestTable) {
  return (await all(sdk.listEntities())).map(({ rowKey = '' }) => rowKey).toSorted()
}

/** What each write was answered: 'written', or the status with which it was refused. */
const answersOf = (writes: Promise<void>[]) =>
  Promise.all(
    writes.map((write) =>
      write.then(
        () => 'written',
        (error: unknown) => statusOf(error) ?? String(error),
      ),
    ),
  )

const several = (submit: GroupCommit, count: number) =>
  Array.from({ length: count }, (_, number) => submit([create(`row-${String(number).padStart(3, '0')}`)]))

describe('a group commit', () => {
  test('sends a write that comes alone at once, and what comes meanwhile in one transaction', async () => {
    const { table, submit, calls } = await counted()

    await Promise.all(several(submit, 20))

    expect(calls()).toEqual([1, 19])
    expect(await keysIn(table)).toHaveLength(20)
  })

  test('sends what can wait with the next write, or soon', async () => {
    const { table, submit, calls } = await counted()

    await Promise.all([submit([create('a')], { canWait: true }), submit([create('b')])])
    expect(calls()).toEqual([2])

    await submit([create('c')], { canWait: true })
    expect(calls()).toEqual([2, 1])
    expect(await keysIn(table)).toEqual(['a', 'b', 'c'])
  })

  test('has no transaction with more than 100 rows', async () => {
    const { table, submit, calls } = await counted()

    await Promise.all(several(submit, 250))

    expect(calls()).toEqual([1, 100, 100, 49])
    expect(await keysIn(table)).toHaveLength(250)
  })

  test('does not part the rows of one write', async () => {
    const { submit, calls } = await counted()
    const rows = (name: string, count: number) => Array.from({ length: count }, (_, i) => create(`${name}${i}`))

    await Promise.all([submit(rows('a', 2)), submit(rows('b', 60)), submit(rows('c', 60)), submit(rows('d', 30))])

    expect(calls()).toEqual([2, 60, 90])
  })

  test('keeps partitions apart', async () => {
    const { submit, calls } = await counted()

    await Promise.all([submit([create('a', 'p')]), submit([create('a', 'q')]), submit([create('b', 'q')])])

    expect(calls()).toEqual([1, 1, 1])
  })

  test('keeps the order of writes to one row', async () => {
    const { table, submit } = await counted()

    await Promise.all([1, 2, 3, 4].map((value) => submit([put('row', value)])))

    expect(await table.getEntity('p', 'row')).toMatchObject({ value: 4 })
  })

  test('answers each write for itself when the table refuses one of them', async () => {
    const { table, submit } = await counted()
    await submit([create('there')])

    const answers = await answersOf([
      submit([create('first')]),
      submit([create('a')]),
      submit([create('there'), create('beside')]),
      submit([remove('missing')]),
      submit([create('b')]),
    ])

    expect(answers).toEqual(['written', 'written', 409, 404, 'written'])
    expect(await keysIn(table)).toEqual(['a', 'b', 'first', 'there'])
  })

  test('tells every write of a group that it was not made, and goes on with those after it', async () => {
    const { table, submit } = await counted((call) => {
      if (call === 2) throw Object.assign(new Error('The connection broke.'), { code: 'ECONNRESET' })
    })
    const first = submit([create('first')])
    const second = several(submit, 3)

    expect(await answersOf([first, ...second])).toEqual(['written', ...Array(3).fill('Error: The connection broke.')])
    await submit([create('last')])

    expect(await keysIn(table)).toEqual(['first', 'last'])
  })

  test('takes single rows of every kind, and none', async () => {
    const { table, submit } = await counted()
    await submit([])
    await submit([create('a')])
    await submit([put('b', 1)])
    await submit([['update', { partitionKey: 'p', rowKey: 'b', more: randomUUID() }, 'Merge']])
    expect(await table.getEntity('p', 'b')).toMatchObject({ value: 1, more: expect.any(String) })
    await submit([['update', { partitionKey: 'p', rowKey: 'b', more: 'x' }, 'Replace']])
    await submit([remove('a')])

    expect(await all(table.sdk.listEntities())).toMatchObject([{ rowKey: 'b', more: 'x' }])
  })
})
