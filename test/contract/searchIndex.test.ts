import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { tableSearchIndex } from '../../src/adapters/tables/tableSearchIndex.js'
import type { FileTransferStatus } from '../../src/domain/fileTransfer/state.js'
import type { SearchProjection, SearchQuery } from '../../src/domain/projections/search.js'
import type { SearchIndex } from '../../src/usecases/ports/search.js'
import { memorySearchIndex } from '../memory/memorySearchIndex.js'
import { azuriteTables, type TestTable } from '../support/azurite.js'
import { anyOrganization, at, kari, later } from '../support/samples.js'

const statuses: FileTransferStatus[] = ['Initialized', 'UploadStarted', 'UploadProcessing', 'Published']

/** The projection of a transfer after this number of facts. */
const stand = (sequence: number, given: Partial<SearchProjection['actor']> = {}, id: string = randomUUID()) => {
  const role = given.role ?? 'Recipient'
  const status = statuses[sequence % statuses.length] ?? 'Initialized'
  const any = [{ at }, { status, at: later(sequence) }]
  const own = any.map((entry) => ({ ...entry, recipientStatus: 'Initialized' as const }))
  return {
    actor: { organization: kari, resourceId: 'bilag', role, ...given },
    fileTransferId: id,
    sequence,
    timelines: role === 'Sender' ? any : [...any, ...own],
  }
}

function searchIndexContract(name: string, makeIndex: () => Promise<SearchIndex>) {
  describe(`the search index in ${name}`, () => {
    test('has no head for a transfer that was never projected', async () => {
      const index = await makeIndex()

      expect(await index.readHead(stand(1))).toBeUndefined()
    })

    test('names the rows now in force and the facts they show', async () => {
      const index = await makeIndex()

      await index.project(stand(3, {}, 'one'))

      const head = await index.readHead(stand(1, {}, 'one'))
      expect(head?.sequence).toBe(3)
      expect(new Set(head?.keys).size).toBeGreaterThanOrEqual(4)
    })

    test('moves rows forward, and leaves those in place that say the same', async () => {
      const index = await makeIndex()
      const id = randomUUID()
      await index.project(stand(1, {}, id))
      const before = await index.readHead(stand(1, {}, id))

      await index.project(stand(2, {}, id))

      const after = await index.readHead(stand(1, {}, id))
      expect(after?.sequence).toBe(2)
      expect(after?.keys).toHaveLength(before?.keys.length ?? 0)
      expect(before?.keys.filter((key) => after?.keys.includes(key))).not.toEqual([])
      expect(after?.keys).not.toEqual(before?.keys)
    })

    test('never moves rows back, and does nothing when asked again', async () => {
      const index = await makeIndex()
      const id = randomUUID()
      await index.project(stand(5, {}, id))
      const before = await index.readHead(stand(1, {}, id))

      await index.project(stand(2, {}, id))
      await index.project(stand(5, {}, id))

      expect(await index.readHead(stand(1, {}, id))).toStrictEqual(before)
    })

    test('replaces the projection that it is told of, and reads which one it is when that is another', async () => {
      const index = await makeIndex()
      const id = randomUUID()
      const first = stand(1, {}, id)
      await index.project(first, { replaced: undefined })
      await index.project(stand(2, {}, id), { replaced: first })

      await index.project(stand(4, {}, id), { replaced: first })
      await index.project(stand(3, {}, id), { replaced: first })
      await index.project(stand(2, {}, id), { replaced: undefined })

      expect((await index.readHead(stand(1, {}, id)))?.sequence).toBe(4)
    })

    test('ends at the highest, in any order and with concurrent calls', async () => {
      const index = await makeIndex()
      const order = fc.uniqueArray(fc.integer({ min: 1, max: 40 }), { minLength: 2, maxLength: 10 })

      await fc.assert(
        fc.asyncProperty(order, async (sequences) => {
          const id = randomUUID()

          await Promise.all(sequences.map((sequence) => index.project(stand(sequence, {}, id))))

          expect((await index.readHead(stand(1, {}, id)))?.sequence).toBe(Math.max(...sequences))
        }),
        { numRuns: 15 },
      )
    })

    test('has no rows left that were removed, and all others; a removal may be repeated', async () => {
      const index = await makeIndex()
      const id = randomUUID()
      const others = [stand(2, { role: 'Sender' }, id), stand(2, { organization: anyOrganization() }, id), stand(2)]
      for (const each of [stand(1, {}, id), stand(2, {}, id), ...others]) await index.project(each)

      await index.remove(stand(1, {}, id))
      await index.remove(stand(1, {}, id))

      expect(await index.readHead(stand(1, {}, id))).toBeUndefined()
      for (const each of others) expect((await index.readHead(each))?.sequence).toBe(2)
    })

    test('does not find a transfer without timelines, and a late projection does not add it again', async () => {
      const index = await makeIndex()
      const actor = { organization: anyOrganization() }
      const id = randomUUID()
      const unlisted = { ...stand(4, actor, id), timelines: [] }
      await index.project(stand(3, actor, id))

      await index.project(unlisted)
      await index.project(stand(3, actor, id))

      const query = { resourceId: 'bilag', roles: ['Recipient' as const], order: 'newest' as const, ...actor }
      expect(await index.search(query, undefined, 10)).toEqual({ ids: [], next: undefined })
      expect(await index.readHead(unlisted)).toMatchObject({ sequence: 4, keys: [] })
      await index.remove(unlisted)
      expect(await index.readHead(unlisted)).toBeUndefined()
    })

    test('begins again after a removal', async () => {
      const index = await makeIndex()
      const id = randomUUID()
      await index.project(stand(3, {}, id))
      await index.remove(stand(3, {}, id))

      await index.project(stand(1, {}, id))

      expect((await index.readHead(stand(1, {}, id)))?.sequence).toBe(1)
    })

    test('keeps roles, organisations, transfers and resources apart', async () => {
      const index = await makeIndex()
      const id = randomUUID()
      const stands = [
        stand(1, {}, id),
        stand(2, { role: 'Sender' }, id),
        stand(3, { organization: anyOrganization() }, id),
        stand(4, { resourceId: 'another' }, id),
        stand(5),
      ]

      for (const each of stands) await index.project(each)

      for (const each of stands) expect((await index.readHead(each))?.sequence).toBe(each.sequence)
    })

    test.each(['a/b', 'a\\b', 'a#b', 'a?b', 'a%b', 'a%2Fb', "a'b", 'a b', 'a:b', 'blåbærsyltetøy', '漢👍'])(
      'serves a resource with the id %s',
      async (resourceId) => {
        const index = await makeIndex()
        const id = randomUUID()

        await index.project(stand(1, { resourceId }, id))
        await index.project(stand(2, { resourceId }, id))

        expect((await index.readHead(stand(1, { resourceId }, id)))?.sequence).toBe(2)
        expect(await index.readHead(stand(1, { resourceId: 'ab' }, id))).toBeUndefined()
      },
    )
  })
}

const makeTable = azuriteTables()
searchIndexContract('memory', async () => memorySearchIndex())
searchIndexContract('an Azure table', async () => tableSearchIndex(await makeTable()))

describe('the rows of the search index in an Azure table', () => {
  const keysIn = async ({ sdk }: TestTable) => {
    const rows = await Array.fromAsync(sdk.listEntities())
    return rows.map(({ rowKey }) => rowKey ?? '').toSorted()
  }

  test('are exactly those that the heads name, however many projections there were', async () => {
    const table = await makeTable()
    const index = tableSearchIndex(table)
    const ids = [randomUUID(), randomUUID()]

    await Promise.all(ids.flatMap((id) => [3, 1, 7, 2, 5].map((sequence) => index.project(stand(sequence, {}, id)))))

    const heads = await Promise.all(ids.map((id) => index.readHead(stand(1, {}, id))))
    const named = heads.flatMap((head) => head?.keys ?? [])
    const keys = await keysIn(table)
    expect(keys.filter((key) => !key.startsWith('head:'))).toEqual(named.toSorted())
    expect(keys.filter((key) => key.startsWith('head:'))).toHaveLength(2)
  })

  test('go with their head, whatever moves them meanwhile', async () => {
    const table = await makeTable()
    const index = tableSearchIndex(table)
    const id = randomUUID()
    await index.project(stand(1, {}, id))

    await Promise.all(
      [2, 3, 4].map((sequence) => index.project(stand(sequence, {}, id))).concat(index.remove(stand(1, {}, id))),
    )
    await index.remove(stand(1, {}, id))

    expect(await keysIn(table)).toEqual([])
  })

  test('are read in the order of time from a range of keys, both ways', async () => {
    const table = await makeTable()
    const index = tableSearchIndex(table)
    const times = [later(-3600), at, later(0.001), later(86_400 * 365)]
    for (const [i, time] of times.entries()) {
      await index.project({ ...stand(1, { role: 'Sender' }, String(i)), timelines: [{ at: time }] })
    }

    const keys = await keysIn(table)

    const order = (name: string) =>
      keys.filter((key) => key.startsWith(`Sender:${name}:*:*:`)).map((key) => Number(key.split(':').at(-1)))
    expect(order('oldest')).toEqual([0, 1, 2, 3])
    expect(order('newest')).toEqual([3, 2, 1, 0])
  })
})

describe('search rows of version 0.1.0', () => {
  /** The rows of a projection, under a head whose key has no sequence. */
  async function oldRows(projection: ReturnType<typeof stand>) {
    const table = await makeTable()
    const index = tableSearchIndex(table)
    await index.project(projection)
    const [head] = await headsIn(table)
    if (!head?.partitionKey || !head.rowKey) throw new Error('There is no head.')
    const { partitionKey, rowKey, sequence, keys } = head
    await table.deleteEntity(partitionKey, rowKey)
    await table.createEntity({ partitionKey, rowKey: rowKey.replace(/:\d+$/, ''), sequence, keys })
    return { table, index }
  }
  const headsIn = async ({ sdk }: TestTable) =>
    (await Array.fromAsync(sdk.listEntities<{ sequence: number; keys: string }>())).filter(({ rowKey }) =>
      rowKey?.startsWith('head:'),
    )
  const query = (given: Partial<SearchQuery> = {}): SearchQuery => ({
    organization: kari,
    resourceId: 'bilag',
    roles: ['Recipient'],
    order: 'newest',
    ...given,
  })

  test('are replaced, whatever is taken to be there', async () => {
    const id = randomUUID()
    for (const known of [undefined, { replaced: undefined }, { replaced: stand(1, {}, id) }]) {
      const { table, index } = await oldRows(stand(1, {}, id))

      await index.project(stand(2, {}, id), known)

      expect((await index.readHead(stand(1, {}, id)))?.sequence).toBe(2)
      expect(await headsIn(table)).toHaveLength(1)
      expect((await index.search(query({ status: 'UploadProcessing' }), undefined, 5)).ids).toEqual([id])
      expect((await index.search(query({ status: 'UploadStarted' }), undefined, 5)).ids).toEqual([])
    }
  })

  test('go with those of today, where an instance of each version has written some', async () => {
    const id = randomUUID()
    const { table, index } = await oldRows({ ...stand(3, {}, id), timelines: [] })
    await index.project(stand(2, {}, id), { replaced: undefined })
    expect(await headsIn(table)).toHaveLength(2)

    await index.project(stand(4, {}, id))
    expect(await headsIn(table)).toHaveLength(1)
    await index.remove(stand(4, {}, id))

    expect(await Array.fromAsync(table.sdk.listEntities())).toEqual([])
  })
})
