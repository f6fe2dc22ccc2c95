import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { evolve } from '../../../src/domain/fileTransfer/evolve.js'
import { backupIdOf } from '../../../src/domain/operating/backup.js'
import { RESTORE, restoreTables } from '../../../src/usecases/operating/restoreTables.js'
import type { StoredRow } from '../../../src/usecases/ports/operating.js'
import { memoryBackups } from '../../memory/memoryBackups.js'
import { memoryFileTransferStore } from '../../memory/memoryFileTransferStore.js'
import { memoryNightlyRuns } from '../../memory/memoryNightlyRuns.js'
import { memoryPending } from '../../memory/memoryPending.js'
import { memoryResourceStore } from '../../memory/memoryResourceStore.js'
import { memorySearchIndex } from '../../memory/memorySearchIndex.js'
import { memoryTableRows } from '../../memory/memoryTableRows.js'
import { inSeconds, published } from '../../support/builders.js'
import { at, later } from '../../support/samples.js'

const now = () => at
const TABLE = 'Some'

/** A world without tables, and backups that hold these rows, one a day and the first one full; each took so long. */
async function world(backedUp: StoredRow[][], { fullEvery = 100, seconds = 0, ids = [] as string[] } = {}) {
  const backups = memoryBackups()
  for (const [day, rows] of backedUp.entries()) {
    const isFull = day % fullEvery === 0
    const plan = { startedAt: later(day * 86_400), since: isFull ? undefined : later((day - 1) * 86_400) }
    const id = backupIdOf(plan, 'a1')
    await backups.write(
      id,
      TABLE,
      (async function* () {
        yield* rows
      })(),
    )
    const parts = [{ name: TABLE, table: TABLE, rows: rows.length }]
    await backups.complete({ ...plan, id, isFull, finishedAt: later(day * 86_400 + seconds), parts })
  }
  const rows = memoryTableRows(now, 'FileTransfers')
  const groups: StoredRow[][] = []
  const addMissing = (table: string, group: StoredRow[]) => {
    groups.push(group)
    return rows.addMissing(table, group)
  }
  const nightlyRuns = memoryNightlyRuns()
  const pending = memoryPending(now)
  const transfers = memoryFileTransferStore()
  const fileTransferIds = async function* () {
    yield* ids
  }
  const restore = restoreTables({
    tables: [TABLE],
    backups,
    rows: { ...rows, addMissing, fileTransferIds },
    transfers,
    ...pending,
    searchIndex: memorySearchIndex(),
    resources: memoryResourceStore(),
    nightlyRuns,
    newId: () => 'a',
    now,
    log: () => {},
  })
  const contents = () => Array.fromAsync(rows.writtenSince({ name: TABLE, table: TABLE }, undefined))
  return {
    rows,
    groups,
    contents,
    nightlyRuns,
    transfers,
    due: pending.due,
    restore: (isIntoExisting = false, until = later(1e9)) => restore({ at: until, isIntoExisting }),
  }
}

const text = (row: StoredRow) => `${row.partitionKey} ${row.rowKey} ${row.text}`

describe('restoring rows', () => {
  test('adds them in groups that one transaction takes, each of one partition', async () => {
    const partition = fc.tuple(fc.integer({ min: 1, max: 250 }), fc.constantFrom(10, 20_000, 400_000))

    await fc.assert(
      fc.asyncProperty(fc.array(partition, { minLength: 1, maxLength: 6 }), async (partitions) => {
        const rows = partitions.flatMap(([count, size], index) =>
          Array.from({ length: size > 100_000 ? Math.min(count, 10) : count }, (_, i) => ({
            partitionKey: `p${index}`,
            rowKey: String(i).padStart(4, '0'),
            text: 'x'.repeat(size),
          })),
        )
        const { groups, restore, contents } = await world([rows])
        await restore()

        for (const group of groups) {
          expect(new Set(group.map(({ partitionKey }) => partitionKey)).size).toBe(1)
          expect(group.length).toBeLessThanOrEqual(100)
          expect(JSON.stringify(group).length).toBeLessThan(1.1 * 2 ** 20)
        }
        expect((await contents()).map(text)).toEqual(rows.map(text))
      }),
      { numRuns: 30 },
    )
  })

  test('takes each row as it was written last', async () => {
    const row = (rowKey: string, text: string) => ({ partitionKey: 'p', rowKey, text })
    const { restore, contents } = await world([
      [row('1', 'first'), row('2', 'first'), row('3', 'first')],
      [row('2', 'second'), row('4', 'second')],
      [row('1', 'third'), row('4', 'third')],
    ])

    expect(await restore()).toMatchObject({ ok: true, value: { added: { [TABLE]: 4 }, asOf: later(2 * 86_400) } })

    expect((await contents()).map(text)).toEqual(['p 1 third', 'p 2 second', 'p 3 first', 'p 4 third'])
  })

  test.each([100, 1])(
    'takes no backup that was still being made at the time: it holds what came later',
    async (fullEvery) => {
      const row = (text: string) => ({ partitionKey: 'p', rowKey: '1', text })
      const { restore, contents } = await world([[row('first')], [row('second')]], { fullEvery, seconds: 3600 })

      expect(await restore(false, later(3599))).toEqual({ ok: false, reason: 'NoBackup' })
      expect(await restore(false, later(86_400 + 3599))).toMatchObject({ ok: true, value: { asOf: later(0) } })
      expect((await contents()).map(text)).toEqual(['p 1 first'])
    },
  )

  test('is remembered from its beginning, and not when it was refused', async () => {
    const { restore, rows, nightlyRuns } = await world([[{ partitionKey: 'p', rowKey: '1' }]])
    rows.put(TABLE, { partitionKey: 'p', rowKey: '2' })
    await restore()
    expect(await nightlyRuns.read(RESTORE)).toBeUndefined()
    rows.addMissing = async () => Promise.reject(new Error('It is down.'))

    await expect(restore(true)).rejects.toThrow('It is down.')

    expect((await nightlyRuns.read(RESTORE))?.run).toEqual({ doneAt: at })
  })

  test('fails when what follows from a transfer cannot be written, and does not call the transfer broken', async () => {
    const { restore, transfers } = await world([[]], { ids: ['one'] })
    transfers.readFacts = async () => Promise.reject(new Error('It is down.'))

    await expect(restore()).rejects.toThrow('It is down.')
  })

  test('sets the deadline of the next reminder, also where the expiry was moved after the state that was restored', async () => {
    const { publishedAt, ...before } = published()
    const begun = { ...before, reminders: [-3600] }
    const transfer = evolve(begun, { type: 'Published', at: inSeconds(180) })
    const expirationTime = inSeconds(7 * 86_400)
    const fact = {
      type: 'ExpiryChanged' as const,
      previousExpirationTime: transfer.expirationTime,
      expirationTime,
      at: inSeconds(200),
    }
    const { restore, transfers, due } = await world([[]], { ids: [transfer.id] })
    await transfers.commit(transfer, [], 'a', undefined)
    const facts = [{ sequence: transfer.sequence + 1, changeId: 'b', fact }]
    transfers.readFacts = async () => ({ transfer, facts })

    await restore()

    const rows = await Array.fromAsync(due.dueBy(transfer.expirationTime))
    expect(rows.map(({ kind, at }) => [kind, at])).toEqual([['remind', inSeconds(7 * 86_400 - 3600)]])
    expect((await transfers.read(transfer.id))?.transfer).toMatchObject({ expirationTime, reminders: [-3600] })
  })

  test('overwrites nothing', async () => {
    const { restore, rows, contents } = await world([[{ partitionKey: 'p', rowKey: '1', text: 'of the backup' }]])
    rows.put(TABLE, { partitionKey: 'p', rowKey: '1', text: 'there' })

    expect(await restore()).toEqual({ ok: false, reason: 'TablesHaveRows' })
    expect(await restore(true)).toMatchObject({ ok: true, value: { added: { [TABLE]: 0 } } })

    expect((await contents()).map(text)).toEqual(['p 1 there'])
  })
})
