import { describe, expect, test } from 'vitest'
import { find } from '../../clients/console/src/state/lists/finding.js'
import { matchingOf } from '../../clients/console/src/state/lists/matching.js'
import { readingOf } from '../../clients/console/src/state/lists/reading.js'
import { namesOf } from '../../clients/console/src/state/names/names.js'
import type { Box } from '../../clients/console/src/state/route.js'
import type { Session } from '../../clients/console/src/state/session.js'
import { BrokerProblem, type FileTransferSummary, type ListSearch } from '../../clients/typescript/src/index.js'

const { signal } = new AbortController()
const search = (resourceId: string): ListSearch => ({ resourceId, role: 'Sender', orderAscending: false })
const numberOf = (index: number) => `0192:9${String(index).padStart(8, '0')}`

/** The n-th file transfer of all, the first of them the newest. */
const summary = (age: number, resourceId: string, more: Partial<FileTransferSummary> = {}): FileTransferSummary => ({
  fileTransferId: `${resourceId} ${age}`,
  resourceId,
  fileName: `file-${age}.txt`,
  sendersFileTransferReference: `reference-${age}`,
  sender: '0192:991825827',
  fileTransferSize: 1,
  fileTransferStatus: 'Published',
  created: new Date(Date.UTC(2026, 10, 28) - age * 60_000).toISOString(),
  expirationTime: new Date(Date.UTC(2026, 11, 28)).toISOString(),
  recipients: { total: 1, downloading: 0, confirmed: 0, first: [numberOf(age)] },
  ...more,
})

/** A Broker that has these file transfers, newest first, and counts its calls. */
function brokerWith(byResource: Record<string, FileTransferSummary[] | BrokerProblem>, recipients: string[] = []) {
  const calls: string[] = []
  const refused: string[] = []
  const broker = {
    async listFileTransfers({ resourceId, limit = 100, continuation }: ListSearch) {
      calls.push(`list ${resourceId} ${continuation ?? ''}`.trim())
      const all = byResource[resourceId]
      if (all instanceof BrokerProblem) throw all
      const start = Number(continuation ?? 0)
      const end = start + limit
      const isMore = (all?.length ?? 0) > end
      return { fileTransfers: all?.slice(start, end) ?? [], continuation: isMore ? String(end) : undefined }
    },
    async getOrganizationNames(organizations: string[]) {
      calls.push(`names ${organizations.length}`)
      return organizations.map((organization) => ({ organization, name: `Firma ${Number(organization.slice(1))} AS` }))
    },
    async getFileTransfer(id: string) {
      calls.push(`view ${id}`)
      return { recipients: recipients.map((recipient) => ({ recipient })) }
    },
  }
  const session = { id: crypto.randomUUID(), broker, nameOf: () => undefined } as unknown as Session
  const reading = (...resources: string[]) =>
    readingOf(session.broker, resources.map(search), {
      onRows: async () => {},
      onRefused: (id) => void refused.push(id),
      signal,
    })
  const matching = (text: string, box: Box = 'outbox') => matchingOf(text, box, session, signal)
  return { session, calls, refused, reading, matching }
}
const ages = (from: number, count: number, step: number) =>
  Array.from({ length: count }, (_, index) => from + index * step)
const refusal = (status: number) => new BrokerProblem(status, { code: 'BRO-00006' })
const idsOf = (rows: FileTransferSummary[]) => rows.map(({ fileTransferId }) => fileTransferId)
const everything = { rows: Number.POSITIVE_INFINITY, searched: Number.POSITIVE_INFINITY }
const ignore = () => {}

describe('reading the lists of several resources', () => {
  test('gives all, newest first across them', async () => {
    const even = ages(0, 150, 2).map((age) => summary(age, 'even'))
    const odd = ages(1, 30, 2).map((age) => summary(age, 'odd'))
    const { reading, matching } = brokerWith({ even, odd, none: [] })

    const found = await find(reading('even', 'odd', 'none'), matching(''), everything, ignore)

    const expected = [...even, ...odd].sort((a, b) => Date.parse(b.created) - Date.parse(a.created))
    expect(idsOf(found.rows)).toEqual(idsOf(expected))
    expect(found).toMatchObject({ searched: 180, searchedTo: even.at(-1)?.created, isMore: false })
  })

  test('takes one call for a hundred rows, and none to know that there are more', async () => {
    const { reading, matching, calls } = brokerWith({ a: ages(0, 101, 1).map((age) => summary(age, 'a')) })

    const found = await find(reading('a'), matching(''), { rows: 100, searched: 400 }, ignore)

    expect(found.rows).toHaveLength(100)
    expect(found.isMore).toBe(true)
    expect(calls).toEqual(['list a'])
  })

  test('leaves out a resource that is refused, unless all of them are', async () => {
    const { reading, matching, refused } = brokerWith({ a: [summary(1, 'a')], b: refusal(401), c: refusal(403) })

    expect(idsOf((await find(reading('b', 'a'), matching(''), everything, ignore)).rows)).toEqual(['a 1'])
    expect(refused).toEqual(['b'])
    await expect(find(reading('b', 'c'), matching(''), everything, ignore)).rejects.toThrow('BRO-00006')
  })

  test('does not take a Broker that is down for an empty list', async () => {
    const { reading, matching } = brokerWith({ a: [summary(1, 'a')], b: refusal(500) })

    await expect(find(reading('a', 'b'), matching(''), everything, ignore)).rejects.toThrow('500')
  })
})

describe('a search with words', () => {
  const mine = ages(0, 900, 1).map((age) => summary(age, 'a'))

  test.each([
    ['file-777', 'a 777'],
    ['REFERENCE-777', 'a 777'],
    ['firma 777', 'a 777'],
    ['file-777.txt reference-777', 'a 777'],
    ['900000777', 'a 777'],
    ['900 000 777', 'a 777'],
  ])('reads on until it has found it: %s', async (text, id) => {
    const { session, matching } = brokerWith({ a: mine })
    const names = namesOf(session)
    const reading = readingOf(session.broker, [search('a')], {
      onRows: (rows) => names.load(rows.flatMap(({ recipients }) => recipients.first.map((each) => each.slice(5)))),
      onRefused: ignore,
      signal,
    })

    const found = await find(reading, matching(text), { rows: 1, searched: 900 }, ignore)

    expect(idsOf(found.rows)).toEqual([id])
  })

  test('ends after as many as it may look at, says how far it is, and reports on the way', async () => {
    const { reading, matching, calls } = brokerWith({ a: mine })
    const reported: number[] = []

    const found = await find(reading('a'), matching('file-777'), { rows: 100, searched: 400 }, ({ searched }) =>
      reported.push(searched),
    )

    expect(found).toEqual({ rows: [], searched: 400, searchedTo: mine[399]?.created, isMore: true })
    expect(calls).toHaveLength(4)
    expect(reported.length).toBeGreaterThanOrEqual(10)
  })

  test('looks at the other side alone: not at oneself, nor at who else has got the file', async () => {
    const { reading, matching } = brokerWith({ a: [summary(1, 'a')] })
    const rowsWith = async (text: string, box: Box) =>
      (await find(reading('a'), matching(text, box), everything, ignore)).rows.length

    expect(await rowsWith('991825827', 'inbox')).toBe(1)
    expect(await rowsWith('991825827', 'outbox')).toBe(0)
    expect(await rowsWith('900000001', 'inbox')).toBe(0)
    expect(await rowsWith('900000001', 'outbox')).toBe(1)
  })

  test('finds a number among more recipients than a summary has, and reads them once', async () => {
    const recipients = { total: 5, downloading: 0, confirmed: 0, first: [1, 2, 3].map(numberOf) }
    const all = [1, 2, 3, 4, 5].map(numberOf)
    const { reading, matching, calls } = brokerWith({ a: [summary(1, 'a', { recipients })] }, all)

    const rowsWith = async (text: string) => (await find(reading('a'), matching(text), everything, ignore)).rows.length

    expect(await rowsWith('900 000 005')).toBe(1)
    expect(await rowsWith('900000005 file-1')).toBe(1)
    expect(await rowsWith('900000006')).toBe(0)
    expect(await rowsWith('other')).toBe(0)
    expect(calls.filter((call) => call.startsWith('view'))).toEqual(['view a 1'])
  })
})
