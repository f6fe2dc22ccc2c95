import type { TransactionAction } from '@azure/data-tables'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { statusOf } from '../../src/adapters/azure/failures.js'
import type { Action, Key, NewRow } from '../../src/adapters/tableService/operations.js'
import type { Table } from '../../src/adapters/tableService/table.js'
import { azuriteTables, type TestTable } from '../support/azurite.js'

// The SDK is the oracle: what the client of ours writes it reads, and the other way round; both get the same answers.

const makeTable = azuriteTables()

const ODD_IN_KEYS = [
  "'",
  "''",
  '%',
  '%27',
  '%2F',
  '+',
  ' ',
  '&',
  '=',
  '(',
  ')',
  ',',
  ';',
  ':',
  '$',
  '@',
  '"',
  '<',
  '..',
]
const ODD = [
  ...ODD_IN_KEYS,
  'æ',
  '🦊',
  'e\u0301',
  '\ufeff',
  '\u00a0',
  '\u202e',
  '--changesetresponse_',
  '\\u2028',
  '{}',
]
/** Keys may not have these, and no control characters. A comma the emulator misreads in transactions. */
const isInKeys = (text: string) => !/[,/\\#?\p{Cc}\p{Cn}\p{Cs}\u2028\u2029]/u.test(text)
const keys = fc
  .array(fc.oneof(fc.constantFrom(...ODD), fc.string({ unit: 'grapheme', maxLength: 3 })), {
    minLength: 1,
    maxLength: 6,
  })
  .map((parts) => parts.join(''))
  .filter(isInKeys)
const texts = fc
  .array(
    fc.oneof(
      fc.constantFrom(...ODD, '\u2028', '\u2029', '\r\n', '\r\n\r\n', '\u0000', '\\', 'HTTP/1.1 404'),
      fc.string({ unit: 'binary', maxLength: 5 }),
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.join(''))
const columns = fc.record({
  text: texts,
  int: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  double: fc.double({ noNaN: true, noDefaultInfinity: true }).filter((value) => !Number.isInteger(value)),
  flag: fc.boolean(),
  at: fc.date({ min: new Date('1601-01-01'), max: new Date('9999-12-31'), noInvalidDate: true }),
  missing: fc.constant(undefined),
})

async function readBoth({ sdk, ...ours }: TestTable, { partitionKey, rowKey }: Key) {
  const [own, oracle] = await Promise.all([ours.getEntity(partitionKey, rowKey), sdk.getEntity(partitionKey, rowKey)])
  expect(own).toStrictEqual(oracle)
  return own
}

describe('a row with whatever keys and values', () => {
  test('is read by the SDK as it was written, and was read by us as the SDK wrote it', async () => {
    const table = await makeTable()
    const roundTrip = async (partitionKey: string, rowKey: string, given: object) => {
      const row: NewRow = { partitionKey, rowKey, ...given }
      const { missing, ...stored } = row

      await table.upsertEntity(row, 'Replace')
      expect(await readBoth(table, row)).toMatchObject(stored)

      await table.submitTransaction([
        ['upsert', row, 'Replace'],
        ['upsert', { ...row, rowKey: `${rowKey}~` }, 'Merge'],
      ])
      expect(await readBoth(table, row)).toMatchObject(stored)
      expect(await readBoth(table, { partitionKey, rowKey: `${rowKey}~` })).toMatchObject({
        ...stored,
        rowKey: `${rowKey}~`,
      })

      await table.sdk.upsertEntity(row, 'Replace')
      expect(await readBoth(table, row)).toMatchObject(stored)

      await table.deleteEntity(partitionKey, rowKey)
      await expect(table.sdk.getEntity(partitionKey, rowKey)).rejects.toMatchObject({ statusCode: 404 })
    }

    await roundTrip(ODD.join('x').replaceAll('\\', ''), ODD.join('y').replaceAll('\\', ''), {
      text: ODD.join('\u2028'),
    })
    await fc.assert(fc.asyncProperty(keys, keys, columns, roundTrip), { numRuns: 60 })
  })
})

/** Actions on three rows of one partition, of which some come too late. */
type Step = {
  actions: { kind: 'create' | 'update' | 'upsert' | 'delete'; row: number; isReplace: boolean; etag: string }[]
}
const step: fc.Arbitrary<Step> = fc.record({
  actions: fc.uniqueArray(
    fc.record({
      kind: fc.constantFrom('create', 'update', 'upsert', 'delete'),
      row: fc.integer({ min: 0, max: 2 }),
      isReplace: fc.boolean(),
      etag: fc.constantFrom('any', 'any', 'current', 'stale'),
    }),
    { selector: ({ row }) => row, minLength: 1, maxLength: 3 },
  ),
})
const STALE = `W/"datetime'2020-01-01T00%3A00%3A00.0000000Z'"`

/** What a step was answered: the status and the code of a refusal, or for each action whether there is an ETag. */
async function outcomeOf(answer: Promise<{ etag?: string | undefined }[]>) {
  try {
    return (await answer).map(({ etag }) => (etag === undefined ? 'no ETag' : 'ETag'))
  } catch (error) {
    return { status: statusOf(error) }
  }
}

describe('changes', () => {
  test('have the outcome that they have by the SDK, alone and in transactions', async () => {
    const play = async (steps: Step[]) => {
      const [table, oracle] = await Promise.all([makeTable(), makeTable()])
      for (const [number, { actions }] of steps.entries()) {
        const given = (sdk: TestTable['sdk']) => Promise.all(actions.map((each) => actionOf(sdk, each, number)))
        const own = await outcomeOf(submit(table, await given(table.sdk)))
        const theirs = await outcomeOf(submitBySdk(oracle.sdk, (await given(oracle.sdk)) as TransactionAction[]))

        expect(own).toEqual(theirs)
        expect(await rowsIn(table.sdk)).toEqual(await rowsIn(oracle.sdk))
      }
    }

    await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 6 }), play), { numRuns: 25 })
  })

  async function actionOf(sdk: TestTable['sdk'], { kind, row, isReplace, etag }: Step['actions'][0], number: number) {
    const entity = { partitionKey: 'p', rowKey: `row ${row}`, number, [`column${number}`]: number }
    const current = await sdk.getEntity('p', entity.rowKey).then(
      (found) => found.etag,
      () => STALE,
    )
    const condition = etag === 'any' ? [] : [{ etag: etag === 'stale' ? STALE : current }]
    if (kind === 'create') return ['create', entity] as Action
    // The SDK knows no condition of a deletion in a transaction.
    if (kind === 'delete') return ['delete', { partitionKey: 'p', rowKey: entity.rowKey }] as Action
    const mode = isReplace ? 'Replace' : 'Merge'
    return (kind === 'upsert' ? ['upsert', entity, mode] : ['update', entity, mode, ...condition]) as Action
  }

  const submit = async (table: Table, actions: Action[]) => table.submitTransaction(actions)

  async function submitBySdk(sdk: TestTable['sdk'], actions: TransactionAction[]): Promise<{ etag?: string }[]> {
    const [action, ...more] = actions
    if (!action || more.length > 0) return (await sdk.submitTransaction(actions)).subResponses
    switch (action[0]) {
      case 'create':
        return [await sdk.createEntity(action[1])]
      case 'delete':
        return [(await sdk.deleteEntity(action[1].partitionKey, action[1].rowKey)) as object]
      case 'update':
        return [await sdk.updateEntity(action[1], action[2], action[3])]
      case 'upsert':
        return [await sdk.upsertEntity(action[1], action[2])]
    }
  }

  const rowsIn = async (sdk: TestTable['sdk']) =>
    (await Array.fromAsync(sdk.listEntities())).map(({ etag, timestamp, ...row }) => row)

  test('under an ETag are refused when it is stale, and tell the new one', async () => {
    const table = await makeTable()
    const row = { partitionKey: 'p', rowKey: 'r' }
    const first = await table.createEntity({ ...row, text: 'one' })
    const second = await table.updateEntity({ ...row, text: 'two' }, 'Replace', { etag: first.etag ?? '' })

    expect((await table.sdk.getEntity('p', 'r')).etag).toBe(second.etag)
    for (const etag of [first.etag ?? '', STALE]) {
      await expect(table.updateEntity(row, 'Merge', { etag })).rejects.toMatchObject({
        statusCode: 412,
        code: 'UpdateConditionNotSatisfied',
      })
      await expect(table.deleteEntity('p', 'r', { etag })).rejects.toMatchObject({ statusCode: 412 })
      const both: Action[] = [
        ['create', { partitionKey: 'p', rowKey: 'beside' }],
        ['delete', row, { etag }],
      ]
      await expect(table.submitTransaction(both)).rejects.toMatchObject({ statusCode: 412 })
    }
    const [{ etag: third } = { etag: '' }] = await table.submitTransaction([
      ['update', { ...row, text: 'three' }, 'Replace', { etag: second.etag ?? '' }],
      ['create', { partitionKey: 'p', rowKey: 'beside' }],
    ])
    expect((await table.sdk.getEntity('p', 'r')).etag).toBe(third)
    await table.deleteEntity('p', 'r', { etag: third ?? '' })
    expect(await rowsIn(table.sdk)).toEqual([{ partitionKey: 'p', rowKey: 'beside' }])
  })

  test('that are refused say why', async () => {
    const table = await makeTable()
    const row = { partitionKey: 'p', rowKey: 'r' }
    await table.createEntity(row)

    await expect(table.createEntity(row)).rejects.toMatchObject({ statusCode: 409, code: 'EntityAlreadyExists' })
    await expect(table.getEntity('p', 'other')).rejects.toMatchObject({ statusCode: 404, code: 'ResourceNotFound' })
    await expect(
      table.submitTransaction([
        ['create', { ...row, rowKey: 'other' }],
        ['create', row],
      ]),
    ).rejects.toMatchObject({ statusCode: 409, code: 'EntityAlreadyExists' })
  })
})

describe('a query', () => {
  test('has the rows, columns and pages that it has by the SDK', async () => {
    const table = await makeTable()
    const keys = Array.from({ length: 25 }, (_, number) => `it's ${String(number).padStart(2, '0')} æ+%`)
    await table.submitTransaction(keys.map((rowKey, number) => ['create', { partitionKey: 'p&q', rowKey, number }]))
    const pages = (filter?: string, select?: string[], pageSize?: number) =>
      Array.fromAsync(
        table.listPages({ ...(filter && { filter }), ...(select && { select }), ...(pageSize && { pageSize }) }),
      )
    const oracle = (filter?: string, select?: string[], maxPageSize?: number) => {
      const queryOptions = { ...(filter && { filter }), ...(select && { select }) }
      return Array.fromAsync(table.sdk.listEntities({ queryOptions }).byPage({ ...(maxPageSize && { maxPageSize }) }))
    }
    const plain = (page: object[]) => [...page] // without the token of the next page
    const filter = "PartitionKey eq 'p&q' and RowKey ge 'it''s 05 æ+%' and number lt 20"

    for (const [size, sizes] of [
      [undefined, [15]],
      [15, [15]],
      [4, [4, 4, 4, 3]],
    ] as const) {
      const found = await pages(filter, undefined, size)
      expect(found.map((page) => page.length)).toEqual(sizes)
      expect(found).toEqual((await oracle(filter, undefined, size)).map(plain))
    }
    const selected = await pages(filter, ['RowKey'], 10)
    expect(selected).toEqual((await oracle(filter, ['RowKey'], 10)).map(plain))
    expect((await pages()).flat().map(({ rowKey }) => rowKey)).toEqual(keys)
    await expect(pages('no filter')).rejects.toMatchObject({ statusCode: 400 })
  })
})
