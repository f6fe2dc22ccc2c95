import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { azureClosedMonths, azureReportFiles } from '../../src/adapters/reports/azureReports.js'
import { tableStatistics } from '../../src/adapters/tables/tableStatistics.js'
import type { StatisticsRow } from '../../src/domain/projections/statistics.js'
import type { ClosedMonths, ReportFiles, StatisticsStore } from '../../src/usecases/ports/statistics.js'
import { memoryClosedMonths, memoryReportFiles, memoryStatistics } from '../memory/memoryStatistics.js'
import { azuriteBlobs, azuriteTables } from '../support/azurite.js'
import { all, anyOrganization, anyOrganizations, at, kari, later, ola, owner, sender } from '../support/samples.js'

const row = (given: Partial<StatisticsRow> = {}): StatisticsRow => ({
  month: '2026-03',
  serviceOwner: owner,
  resourceId: 'bilag',
  fileTransferId: randomUUID(),
  recipient: kari,
  sender,
  ...given,
})

function statisticsContract(name: string, make: () => Promise<StatisticsStore>) {
  describe(`statistics in ${name}`, () => {
    test('merge the rows of one recipient, in any order and more than once', async () => {
      const statistics = await make()
      const base = row({ senderVendor: ola })
      const parts: StatisticsRow[] = [
        { ...base, createdAt: at },
        { ...base, createdAt: at, sizeBytes: 5_000_000_000 },
        { ...base, isPublished: true },
        { ...base, downloads: { first: 3, last: 3 }, recipientVendor: { organization: ola, sequence: 9 } },
        { ...base, downloads: { first: 2, last: 2 }, recipientVendor: { organization: owner, sequence: 7 } },
        { ...base, isConfirmed: true },
      ]

      for (const part of [...parts, ...parts.toReversed()]) await statistics.merge([part])

      expect(await all(statistics.ofMonth('2026-03'))).toEqual([
        {
          ...base,
          createdAt: at,
          sizeBytes: 5_000_000_000,
          isPublished: true,
          isConfirmed: true,
          downloads: { first: 2, last: 3 },
          recipientVendor: { organization: ola, sequence: 9 },
        },
      ])
    })

    test('merge what happens at the same moment', async () => {
      const statistics = await make()
      const base = row()
      const downloads = [1, 2, 3, 4, 5, 6].map((number) => ({ ...base, downloads: { first: number, last: number } }))

      await Promise.all(downloads.map((each) => statistics.merge([each])))

      expect(await all(statistics.ofMonth('2026-03'))).toEqual([{ ...base, downloads: { first: 1, last: 6 } }])
    })

    test('take a thousand recipients in one call, and list those of a transfer together', async () => {
      const statistics = await make()
      const transfers = [randomUUID(), randomUUID()]
      for (const fileTransferId of transfers) {
        const recipients = new Set(anyOrganizations(500))
        await statistics.merge([...recipients].map((recipient) => row({ fileTransferId, recipient, createdAt: at })))
      }

      const found = (await all(statistics.ofMonth('2026-03'))).map(({ fileTransferId }) => fileTransferId)

      const changes = found.filter((each, index) => each !== found[index - 1])
      expect(changes.toSorted()).toEqual(transfers.toSorted())
    })

    test('are found by month, service owner and resource', async () => {
      const statistics = await make()
      const other = anyOrganization()
      const odd = 'a b/c#d?é'
      const rows = [
        row({ createdAt: at }),
        row({ createdAt: at, resourceId: odd }),
        row({ createdAt: at, serviceOwner: other }),
        row({ createdAt: at, month: '2026-04' }),
      ]
      for (const each of rows) await statistics.merge([each])

      const resources = async (rows: AsyncIterable<StatisticsRow>) =>
        (await all(rows)).map(({ resourceId }) => resourceId).sort()

      expect(await resources(statistics.ofServiceOwner('2026-03', owner))).toEqual([odd, 'bilag'].sort())
      expect(await resources(statistics.ofServiceOwner('2026-03', owner, odd))).toEqual([odd])
      expect(await resources(statistics.ofServiceOwner('2026-03', other))).toEqual(['bilag'])
      expect(await resources(statistics.ofServiceOwner('2026-05', owner))).toEqual([])
      expect(await all(statistics.ofMonth('2026-03'))).toHaveLength(3)
    })

    test('list the months that have rows', async () => {
      const statistics = await make()
      await statistics.recordLateChange('2026-01', at)

      const before = await statistics.months()
      for (const month of ['2026-11', '2025-12', '2026-11']) await statistics.merge([row({ month, createdAt: at })])

      expect(before).toEqual([])
      expect(await statistics.months()).toEqual(['2025-12', '2026-11'])
    })

    test('keep the time when a month was last changed late', async () => {
      const statistics = await make()
      await statistics.recordLateChange('2026-01', at)
      await statistics.recordLateChange('2026-01', later(5))

      expect(await statistics.lastLateChange('2026-01')).toEqual(later(5))
      expect(await statistics.lastLateChange('2026-02')).toBeUndefined()
    })
  })
}

statisticsContract('memory', async () => memoryStatistics())
const newTable = azuriteTables()
statisticsContract('Table Storage', async () => tableStatistics(await newTable()))

function reportsContract(name: string, make: () => { closed: ClosedMonths; files: ReportFiles }) {
  describe(`reports in ${name}`, () => {
    test('keep a month that is over as a whole, the last one in force', async () => {
      const { closed } = make()
      const month = `2026-${randomUUID()}`
      const day = {
        date: '2026-03-01',
        serviceOwner: owner,
        sender,
        recipient: ola,
        resourceId: 'æ',
        isStatusMessage: true,
        fileTransfers: 2,
        sizeBytes: 5_000_000_000,
      }

      const before = await closed.read(month)
      await closed.save(month, { readFrom: at, days: [] })
      await closed.save(month, { readFrom: later(1), days: [day] })

      expect(before).toBeUndefined()
      expect(await closed.read(month)).toEqual({ readFrom: later(1), days: [day] })
    })

    test('are at an address that ends in their name', async () => {
      const { files } = make()

      expect(await files.save('a.parquet', Buffer.from('PAR1'))).toMatch(/\/reports\/a\.parquet$/)
    })
  })
}

reportsContract('memory', () => ({
  closed: memoryClosedMonths(),
  files: memoryReportFiles('https://blob.example/reports/'),
}))
const accounts = azuriteBlobs()
reportsContract('Blob Storage', () => {
  const { unscanned } = accounts()
  return { closed: azureClosedMonths(unscanned), files: azureReportFiles(unscanned) }
})
