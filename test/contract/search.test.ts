import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { tableSearchIndex } from '../../src/adapters/tables/tableSearchIndex.js'
import type { FileTransferStatus, RecipientStatus } from '../../src/domain/fileTransfer/state.js'
import type { SearchProjection, SearchQuery } from '../../src/domain/projections/search.js'
import { searchPartitionOf } from '../../src/domain/projections/searchPartitions.js'
import { forEachConcurrent } from '../../src/lib/forEachConcurrent.js'
import type { SearchIndex, SearchPosition } from '../../src/usecases/ports/search.js'
import { memorySearchIndex } from '../memory/memorySearchIndex.js'
import { azuriteTables } from '../support/azurite.js'
import { anyOrganization, kari, later, ola } from '../support/samples.js'

const statuses: FileTransferStatus[] = ['Published', 'AllConfirmedDownloaded']
const recipientStatuses: RecipientStatus[] = ['Initialized', 'DownloadStarted', 'DownloadConfirmed']

/** A transfer as one actor finds it: when it was created, in which status since when, and how far the recipient is. */
type Found = {
  id: string
  role: 'Sender' | 'Recipient'
  created: Date
  since: Date
  status: FileTransferStatus
  own?: RecipientStatus
}

const projectionOf = (
  { id, role, created, since, status, own }: Found,
  organization = kari,
  partitions = 1,
): SearchProjection => {
  const any = [{ at: created }, { status, at: since }]
  const ofOwn = own ? any.map((entry) => ({ ...entry, recipientStatus: own })) : []
  const actor = { organization, resourceId: 'bilag', role, partition: searchPartitionOf(id, partitions) }
  return { actor, fileTransferId: id, sequence: 1, timelines: [...any, ...ofOwn] }
}

/** Times so few that many transfers share one. */
const anyTime = fc.integer({ min: 0, max: 12 }).map(later)
const anyFound: fc.Arbitrary<Found[]> = fc
  .record({
    created: anyTime,
    since: anyTime,
    status: fc.constantFrom(...statuses),
    own: fc.constantFrom(...recipientStatuses),
    roles: fc.constantFrom('Sender', 'Recipient', 'Both'),
  })
  .map(({ roles, own, ...rest }) => {
    const transfer = { id: randomUUID(), ...rest }
    const asRecipient = { ...transfer, role: 'Recipient' as const, own }
    const asSender = { ...transfer, role: 'Sender' as const }
    return roles === 'Both' ? [asSender, asRecipient] : [roles === 'Sender' ? asSender : asRecipient]
  })

const bound = fc.option(fc.record({ at: anyTime, isInclusive: fc.boolean() }), { nil: undefined })
const anyQuery: fc.Arbitrary<SearchQuery> = fc
  .record({
    status: fc.option(fc.constantFrom(...statuses), { nil: undefined }),
    recipientStatus: fc.option(fc.constantFrom(...recipientStatuses), { nil: undefined }),
    roles: fc.constantFrom<SearchQuery['roles'][]>(['Sender'], ['Recipient'], ['Sender', 'Recipient']),
    order: fc.constantFrom('newest' as const, 'oldest' as const),
    from: bound,
    to: bound,
  })
  .map(({ status, recipientStatus, roles, order, from, to }) => ({
    organization: kari,
    resourceId: 'bilag',
    order,
    roles: recipientStatus ? ['Recipient'] : roles,
    ...(status && { status }),
    ...(recipientStatus && { recipientStatus }),
    ...(from && { from }),
    ...(to && { to }),
  }))

/** What the query finds, by a full scan. */
function expected(all: Found[], query: SearchQuery): string[] {
  const { status, recipientStatus, roles, order, from, to } = query
  const timeOf = ({ created, since }: Found) => (status ? since : created).getTime()
  const found = all.filter((each) => {
    const isAsAsked = roles.includes(each.role) && (!status || each.status === status)
    const time = timeOf(each)
    const reachedTimeLimit = !from || time > from.at.getTime() || (from.isInclusive && time === from.at.getTime())
    const isEarly = !to || time < to.at.getTime() || (to.isInclusive && time === to.at.getTime())
    return isAsAsked && (!recipientStatus || each.own === recipientStatus) && reachedTimeLimit && isEarly
  })
  const sign = order === 'newest' ? -1 : 1
  const sorted = found.toSorted((one, other) => sign * (timeOf(one) - timeOf(other)) || (one.id < other.id ? -1 : 1))
  return [...new Set(sorted.map(({ id }) => id))]
}

function searchContract(name: string, makeIndex: () => Promise<SearchIndex>, partitions: number) {
  describe(`a search in ${name}, over ${partitions} partitions`, () => {
    const all = fc.sample(anyFound, { numRuns: 80, seed: 7 }).flat()
    let index: SearchIndex
    beforeAll(async () => {
      index = await makeIndex()
      await forEachConcurrent(all, 8, (each) => index.project(projectionOf(each, kari, partitions)))
      await index.project(projectionOf({ ...(all[0] as Found), id: randomUUID() }, ola, partitions))
    })

    test('finds what is asked for, in order, each once, page by page', async () => {
      const pageSize = fc.integer({ min: 1, max: 100 })

      await fc.assert(
        fc.asyncProperty(anyQuery, pageSize, async (query, limit) => {
          const ids: string[] = []
          let after: SearchPosition | undefined
          do {
            const page = await index.search({ ...query, partitions }, after, limit)
            expect(page.ids.length).toBeLessThanOrEqual(limit)
            if (page.next) expect(page.ids).toHaveLength(limit)
            ids.push(...page.ids)
            after = page.next
          } while (after)

          expect(ids).toEqual(expected(all, query))
        }),
        { numRuns: 60 },
      )
    })

    test('finds nothing for an organisation that has none', async () => {
      const query: SearchQuery = {
        organization: anyOrganization(),
        resourceId: 'bilag',
        order: 'newest',
        roles: ['Sender', 'Recipient'],
      }

      expect(await index.search(query, undefined, 100)).toEqual({ ids: [], next: undefined })
    })
  })
}

const makeTable = azuriteTables()
for (const partitions of [1, 2, 8]) {
  searchContract('memory', async () => memorySearchIndex(), partitions)
  searchContract('an Azure table', async () => tableSearchIndex(await makeTable()), partitions)
}

describe('the cost of a search', () => {
  test('is one concurrent round trip for each role, and no row more than the page needs, for any history', async () => {
    let requests = 0
    let rows = 0
    const table = await makeTable(({ address, send }) => ({
      address,
      async send(request) {
        requests++
        const answer = await send(request)
        rows += request.method === 'GET' ? (JSON.parse(answer.text) as { value: unknown[] }).value.length : 0
        return answer
      },
    }))
    const index = tableSearchIndex(table)
    const history = Array.from({ length: 300 }, (_, i): Found => {
      const role = i % 2 ? 'Sender' : 'Recipient'
      return { id: randomUUID(), role, created: later(i), since: later(i), status: 'Published' }
    })
    await forEachConcurrent(history, 8, (each) => index.project(projectionOf(each), { replaced: undefined }))
    requests = 0
    rows = 0

    const query: SearchQuery = {
      organization: kari,
      resourceId: 'bilag',
      roles: ['Sender', 'Recipient'],
      order: 'newest',
    }
    const first = await index.search(query, undefined, 100)
    await index.search(query, first.next, 100)

    expect(first.ids).toEqual(expected(history, query).slice(0, 100))
    expect(requests).toBe(4)
    expect(rows).toBeLessThanOrEqual(4 * 101)
  })
})
