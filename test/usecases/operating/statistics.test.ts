import { createHash } from 'node:crypto'
import { parquetReadObjects } from 'hyparquet'
import { describe, expect, test } from 'vitest'
import { changeNotification } from '../../../src/adapters/bus/changeNotification.js'
import { makeDailySummary, recordStatistics } from '../../../src/usecases/operating/statistics.js'
import { callerFor, memoryWorld, uploadOf, type World } from '../../support/memoryBroker.js'
import { kari, organization, owner, sender } from '../../support/samples.js'

const DAY = 86_400
const shown = { endUser: true, vendor: false }
const march = { year: 2026, month: 3, resourceId: undefined, shown }

async function csvOf(world: World, query = march): Promise<string[]> {
  const counted = await world.broker.getMonthlyStatistics(callerFor(owner), query)
  if (!counted.ok) throw new Error(counted.reason)
  return counted.value.csv.split('\n').slice(1, -1)
}

async function reportOf(world: World) {
  const made = await world.broker.makeDailySummary()
  if (!made.ok) throw new Error(made.reason)
  const file = made.value.bytes.buffer as ArrayBuffer
  return { ...made.value, lines: await parquetReadObjects({ file }) }
}

describe('the monthly statistics', () => {
  test('are fresh after each step, and the same when every message comes twice', async () => {
    const world = await memoryWorld()
    await world.confirmed()
    await world.work()
    const once = await csvOf(world)

    for (const { entity, body } of world.stores.messages.sent()) {
      if (entity === 'facts') await world.broker.recordStatistics(changeNotification.parse(JSON.parse(body)))
    }

    expect(once).toEqual([`2026,3,bilag,,,0192:${sender},0192:${kari},1,1,1,1`])
    expect(await csvOf(world)).toEqual(once)
  })

  test.each([
    ['few', 'without a look at the transfer', 2, 0],
    ['very many', 'after a look at the transfer', 30, 2],
  ])('of a transfer with %s recipients are counted %s', async (_many, _how, count, looks) => {
    const world = await memoryWorld()
    const recipients = Array.from({ length: count }, (_, i) => organization(String(920_000_000 + i)))
    let looked = 0
    const transfers = {
      ...world.stores.transfers,
      readThese(...asked: Parameters<typeof world.stores.transfers.readThese>) {
        looked++
        return world.stores.transfers.readThese(...asked)
      },
    }
    const record = recordStatistics({ ...world.stores, transfers, now: () => world.clock.now })

    const id = await world.begin({ recipients })
    await world.broker.uploadFile(callerFor(sender), id, uploadOf('hello'))
    await world.broker.settled()
    for (const { entity, body } of world.stores.messages.sent()) {
      if (entity === 'facts') await record(changeNotification.parse(JSON.parse(body)))
    }

    const rows = await Array.fromAsync(world.stores.statistics.ofServiceOwner('2026-03', owner))
    expect(rows.map(({ recipient }) => recipient).toSorted()).toEqual(recipients)
    expect(rows.every(({ sizeBytes }) => sizeBytes === 5)).toBe(true)
    expect(looked).toBe(looks)
  })

  test.each([
    [{ ...march, year: 0 }, 'InvalidMonthFormat'],
    [{ ...march, month: 13 }, 'InvalidMonthFormat'],
    [{ ...march, year: 9999, month: 12 }, 'InvalidMonthFormat'],
    [{ ...march, shown: { endUser: false, vendor: false } }, 'EndUserAndVendorBothExcluded'],
    [{ ...march, resourceId: 'unknown' }, 'ResourceHasNotBeenConfigured'],
  ])('are refused: %o', async (query, reason) => {
    const { broker } = await memoryWorld()

    expect(await broker.getMonthlyStatistics(callerFor(owner), query)).toEqual({ ok: false, reason })
  })

  test('of a resource are for its owner alone', async () => {
    const { broker } = await memoryWorld()
    const query = { ...march, resourceId: 'bilag' }

    expect(await broker.getMonthlyStatistics(callerFor(kari), query)).toMatchObject({ reason: 'NoAccessToResource' })
    expect(await broker.getMonthlyStatistics(callerFor(undefined), march)).toMatchObject({
      reason: 'NoAccessToResource',
    })
  })
})

describe('the daily report', () => {
  test('is a Parquet file of every day so far, with its MD5', async () => {
    const world = await memoryWorld()
    await world.published({}, 'hello')

    const { name, hash, bytes, lines, serviceOwners, fileTransfers } = await reportOf(world)

    expect(name).toBe('20260301_120000_daily_summary_report_A3_Test.parquet')
    expect(hash).toBe(createHash('md5').update(bytes).digest('base64'))
    expect([serviceOwners, fileTransfers]).toEqual([1, 2])
    expect(lines).toHaveLength(2)
    expect(lines.map(({ filestoragebytes }) => filestoragebytes).sort()).toEqual([0n, 5n])
    expect(lines[0]).toMatchObject({
      date: '2026-03-01',
      year: 2026,
      month: 3,
      day: 1,
      service_owner_id_pk: `0192:${owner}`,
      service_owner_name: 'Eier',
      altinn_resource_service: 'Eier',
      file_sender_id: sender,
      resource_id: 'bilag',
      recipient_type: 'Organization',
      altinn_version: 'Altinn3',
      filetransfercount: 1,
      databasestoragebytes: 0n,
    })
  })

  test('is refused when there is nothing to tell', async () => {
    const world = await memoryWorld()
    await world.published({ propertyList: { statusMessage: 'true' } })

    expect(await world.broker.makeDailySummary()).toEqual({ ok: false, reason: 'NoFileTransfersFound' })
  })

  test('reads a month that is over as it was added up, until that changes', async () => {
    const world = await memoryWorld()
    const id = await world.begin()
    await world.work()
    world.advance(20 * DAY)
    const early = await world.broker.refreshStatistics()
    world.advance(20 * DAY)
    const closed = [await world.broker.refreshStatistics(), await world.broker.refreshStatistics()]
    const isClosed = await world.stores.closedMonths.read('2026-03')

    world.advance(3600)
    await world.broker.uploadFile(callerFor(sender), id, { body: text('late'), declaredBytes: 4 })
    await world.work()
    const { lines } = await reportOf(world)
    world.advance(2 * 3600)
    const again = await world.broker.refreshStatistics()

    expect([early, closed]).toEqual([0, [1, 0]])
    expect(isClosed?.days.every(({ sizeBytes }) => sizeBytes === 0)).toBe(true)
    expect(lines.map(({ filestoragebytes }) => filestoragebytes).sort()).toEqual([0n, 4n])
    expect(again).toBe(1)
  })

  test('is added up twice by two timers, with one result', async () => {
    const world = await memoryWorld()
    await world.published()
    world.advance(40 * DAY)

    await Promise.all([world.broker.refreshStatistics(), world.broker.refreshStatistics()])

    expect((await reportOf(world)).fileTransfers).toBe(2)
  })
})

async function* text(content: string) {
  yield Buffer.from(content)
}

describe('a daily report that cannot be written', () => {
  test('is refused by its own number', async () => {
    const world = await memoryWorld()
    await world.published()
    const broken = makeDailySummary({
      ...world.broker.ports,
      hostingEnvironment: 'Test',
      withoutStatusMessages: [],
      toParquet: () => {
        throw new Error('no such column')
      },
    })

    expect(await broken()).toEqual({ ok: false, reason: 'ReportGenerationFailed' })
  })
})

describe('whom the monthly statistics are for', () => {
  test('the owner of a resource, who gets its rows under its name', async () => {
    const world = await memoryWorld()
    await world.published({ recipients: [kari] })
    await world.work()

    const answer = await world.broker.getMonthlyStatistics(callerFor(owner), { ...march, resourceId: 'bilag' })

    expect(answer).toMatchObject({ ok: true, value: { fileName: 'monthly_statistics_bilag_2026-03.csv' } })
    expect(answer.ok && answer.value.csv).toContain('2026,3,bilag,')
  })

  test('no other service owner, neither for a resource by name nor for all', async () => {
    const world = await memoryWorld()
    await world.published({ recipients: [kari] })
    await world.work()

    const byName = await world.broker.getMonthlyStatistics(callerFor(kari), { ...march, resourceId: 'bilag' })
    const all = await world.broker.getMonthlyStatistics(callerFor(kari), march)

    expect(byName).toEqual({ ok: false, reason: 'NoAccessToResource' })
    expect(all.ok && all.value.csv.split('\n').slice(1)).toEqual([''])
  })

  test('are of nothing when the transfer is gone before it is counted', async () => {
    const world = await memoryWorld()
    const gone = { fileTransferId: 'nothing', told: [], counted: [1] }

    await world.broker.recordStatistics(gone)

    expect(await csvOf(world)).toEqual([])
  })
})
