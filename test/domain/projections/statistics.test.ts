import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Fact, FileTransfer } from '../../../src/domain/fileTransfer/state.js'
import type { OrganizationNumber } from '../../../src/domain/organizationNumber.js'
import { dailySummaries } from '../../../src/domain/projections/dailyReport.js'
import { type IncludedParties, monthlyReport } from '../../../src/domain/projections/monthlyReport.js'
import { mergeByKey, monthOf, type StatisticsRow, statisticsOf } from '../../../src/domain/projections/statistics.js'
import { initialized, kari, ola, organization, owner, sender } from '../../support/samples.js'

const vendors = [undefined, organization('311111111'), organization('322222222')]
const START = Date.UTC(2026, 0, 15)
const DAY = 86_400_000

/** A transfer, and what happened to it over some months. The order of the facts is that of their times. */
const stories = fc
  .array(
    fc.record({
      kind: fc.constantFrom('DownloadStarted' as const, 'DownloadConfirmed' as const),
      recipient: fc.constantFrom(kari, ola),
      vendor: fc.constantFrom(...vendors),
      after: fc.integer({ min: 0, max: 20 * DAY }),
    }),
    { maxLength: 12 },
  )
  .map((steps) => {
    const { transfer, facts } = initialized()
    let at = START
    const downloads = new Map<OrganizationNumber, number>()
    const file = { attemptId: 'a', sizeBytes: 7, md5: '', etag: '' }
    const all: Fact[] = [
      ...facts.map((fact) => ({ ...fact, at: new Date(START) })),
      { type: 'UploadCompleted', file, released: [], deadlines: [], at: new Date(START) },
      { type: 'Published', at: new Date(START + 20 * DAY) },
      ...steps.map(({ kind, recipient, vendor, after }): Fact => {
        at += after
        const by = { recipient, ...(vendor && { vendor }), at: new Date(at) }
        if (kind === 'DownloadConfirmed') return { type: kind, ...by }
        const number = (downloads.get(recipient) ?? 0) + 1
        downloads.set(recipient, number)
        return { type: kind, number, ...by }
      }),
    ]
    return { transfer: { ...transfer, createdAt: new Date(START) }, facts: all }
  })

const keyOf = ({ month, recipient }: StatisticsRow) => `${month} ${recipient}`

const rowsAfter = (transfer: FileTransfer, pointers: { fact: Fact; sequence: number }[]): StatisticsRow[] =>
  mergeByKey(pointers.flatMap(({ fact, sequence }) => statisticsOf(transfer, fact, sequence))).toSorted((one, other) =>
    keyOf(one) < keyOf(other) ? -1 : 1,
  )

/** The same, counted from the facts with nothing remembered. */
function counted({ facts }: { facts: Fact[] }, month: string, recipient: OrganizationNumber) {
  const inMonth = facts.filter((fact) => monthOf(fact.at) === month)
  const own = inMonth.filter((fact) => 'recipient' in fact && fact.recipient === recipient)
  return {
    downloads: own.filter(({ type }) => type === 'DownloadStarted').length,
    isConfirmed: own.some(({ type }) => type === 'DownloadConfirmed'),
    isPublished: inMonth.some(({ type }) => type === 'Published'),
    isCreated: month === '2026-01',
    vendor: own.flatMap((fact) => ('vendor' in fact && fact.vendor ? [fact.vendor] : [])).at(-1),
  }
}

describe('the statistics of a transfer', () => {
  test('are independent of the order and the redelivery of messages, and as counted from the facts', () => {
    fc.assert(
      fc.property(
        stories.chain((story) => {
          const pointers = story.facts.map((fact, index) => ({ fact, sequence: index + 1 }))
          const more = fc.shuffledSubarray([...pointers, ...pointers], { minLength: pointers.length })
          return fc.tuple(fc.constant(story), fc.constant(pointers), more)
        }),
        ([story, pointers, more]) => {
          const rows = rowsAfter(story.transfer, [...more, ...pointers])

          expect(rows).toEqual(rowsAfter(story.transfer, pointers))
          for (const row of rows) {
            const { downloads, isConfirmed = false, isPublished = false, createdAt, recipientVendor } = row
            const merged = {
              downloads: downloads ? downloads.last - downloads.first + 1 : 0,
              isConfirmed,
              isPublished,
              isCreated: createdAt !== undefined,
              vendor: recipientVendor?.organization,
            }
            expect(merged).toEqual(counted(story, row.month, row.recipient))
          }
        },
      ),
    )
  })

  test('count each fact in its own month, the size in that of the creation', () => {
    const { transfer } = initialized()
    const january = { ...transfer, createdAt: new Date('2026-01-31T23:59:59Z') }
    const at = new Date('2026-02-01T00:00:00Z')
    const file = { attemptId: 'a', sizeBytes: 7, md5: '', etag: '' }

    const sized = statisticsOf(january, { type: 'UploadCompleted', file, released: [], deadlines: [], at }, 3)
    const published = statisticsOf(january, { type: 'Published', at }, 5)

    expect(sized.map(({ month, sizeBytes }) => [month, sizeBytes])).toEqual([
      ['2026-01', 7],
      ['2026-01', 7],
    ])
    expect(published.map(({ month }) => month)).toEqual(['2026-02', '2026-02'])
  })

  test.each([
    [{ StatusMessage: 'TRUE' }, true],
    [{ statusmessage: 'no' }, undefined],
    [{ color: 'true' }, undefined],
  ])('recognise a status message by its property: %o', (propertyList, isStatusMessage) => {
    const { transfer, facts } = initialized({ propertyList })

    const [row] = facts.flatMap((fact) => statisticsOf(transfer, fact, 1))

    expect(row?.isStatusMessage).toBe(isStatusMessage)
  })
})

function monthlyCsv(rows: StatisticsRow[], shown: IncludedParties): string {
  const report = monthlyReport('2026-03', shown)
  for (const row of rows) report.add(row)
  return report.csv()
}
const row = (given: Partial<StatisticsRow>): StatisticsRow => ({
  month: '2026-03',
  serviceOwner: owner,
  resourceId: 'bilag',
  fileTransferId: '1',
  recipient: kari,
  sender,
  ...given,
})

describe('the monthly report', () => {
  const rows = [
    row({ createdAt: new Date(), isPublished: true, downloads: { first: 2, last: 4 }, isConfirmed: true }),
    row({ fileTransferId: '2', createdAt: new Date(), senderVendor: ola }),
    row({ fileTransferId: '2', recipient: ola, resourceId: 'a "b", c', isPublished: true }),
  ]

  test('has one line for each group, sorted, with values quoted where necessary', () => {
    const csv = monthlyCsv(rows, { endUser: true, vendor: false })

    expect(csv).toBe(
      'year,month,resourceId,senderVendor,recipientVendor,sender,recipient,totalFileTransfers,uploadCount,' +
        'totalTransferDownloadAttempts,transfersWithDownloadConfirmed\n' +
        `2026,3,"a ""b"", c",,,0192:${sender},0192:${ola},0,1,0,0\n` +
        `2026,3,bilag,,,0192:${sender},0192:${kari},2,1,3,1\n`,
    )
  })

  test('groups by vendor and by end user only where requested', () => {
    const csv = monthlyCsv(rows.slice(0, 2), { endUser: false, vendor: true })

    expect(csv.split('\n').slice(1)).toEqual(['2026,3,bilag,,,,,1,1,3,1', `2026,3,bilag,0192:${ola},,,,1,0,0,0`, ''])
  })
})

describe('the daily summaries of a month', () => {
  test('count a transfer for each recipient, and its bytes once', () => {
    const createdAt = new Date('2026-03-05T12:00:00Z')
    const summaries = dailySummaries()
    const rows = [
      row({ createdAt, sizeBytes: 10 }),
      row({ createdAt, sizeBytes: 10, recipient: ola }),
      row({ createdAt, sizeBytes: 5, fileTransferId: '2' }),
      row({ isPublished: true, fileTransferId: '3' }),
    ]
    for (const each of rows) summaries.add(each)

    expect(
      summaries
        .days()
        .map(({ date, recipient, fileTransfers, sizeBytes }) => [date, recipient, fileTransfers, sizeBytes]),
    ).toEqual([
      ['2026-03-05', kari, 2, 15],
      ['2026-03-05', ola, 1, 0],
    ])
  })
})
