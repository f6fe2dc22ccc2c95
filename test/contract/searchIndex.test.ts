import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { tableSearchIndex } from '../../src/adapters/tables/tableSearchIndex.js'
import type { FileTransferStatus } from '../../src/domain/fileTransfer/state.js'
import type { SearchProjection } from '../../src/domain/projections/search.js'
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

    test('keeps the rows of a transfer in its partition, and reads as many partitions as it is asked to', async () => {
      const index = await makeIndex()
      const organization = anyOrganization()
      const inPartition = (partition: number, id: string) => stand(2, { organization, partition }, id)
      await Promise.all([0, 1, 7].map((partition) => index.project(inPartition(partition, `in-${partition}`))))
      const search = async (partitions?: number) => {
        const actor = { organization, resourceId: 'bilag', roles: ['Recipient' as const], order: 'newest' as const }
        return (await index.search({ ...actor, ...(partitions && { partitions }) }, undefined, 10)).ids
      }

      expect(await search()).toEqual(['in-0'])
      expect(await search(2)).toEqual(['in-0', 'in-1'])
      expect(await search(8)).toEqual(['in-0', 'in-1', 'in-7'])

      await index.project({ ...inPartition(7, 'in-7'), sequence: 4 }, { replaced: inPartition(7, 'in-7') })
      expect((await index.readHead(inPartition(7, 'in-7')))?.sequence).toBe(4)
      expect(await index.readHead(inPartition(1, 'in-7'))).toBeUndefined()
      await index.remove(inPartition(7, 'in-7'))
      expect(await search(8)).toEqual(['in-0', 'in-1'])
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

  test('move forward though what is taken to be there is older, has the same rows, or is gone', async () => {
    const table = await makeTable()
    const index = tableSearchIndex(table)
    const order = fc.shuffledSubarray([1, 2, 3, 4, 5, 6], { minLength: 1 })
    /** Every second one has the rows of the one before. */
    const paired = (sequence: number, id: string) => ({ ...stand(Math.ceil(sequence / 2), {}, id), sequence })

    await fc.assert(
      fc.asyncProperty(order, fc.boolean(), async (sequences, areRemoved) => {
        const id = randomUUID()
        await index.project(paired(1, id))
        if (areRemoved) await index.remove(paired(1, id))

        await Promise.all(
          sequences.map((sequence) => index.project(paired(sequence + 1, id), { replaced: paired(sequence, id) })),
        )

        const last = Math.max(...sequences) + 1
        const head = await index.readHead(paired(1, id))
        expect(head?.sequence).toBe(last)
        const ofTransfer = (await keysIn(table)).filter((key) => key.endsWith(`:${id}`) && !key.startsWith('head:'))
        expect(ofTransfer).toEqual(head?.keys.toSorted())
        expect(head?.keys.length).toBe(8)
      }),
      { numRuns: 25 },
    )
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
