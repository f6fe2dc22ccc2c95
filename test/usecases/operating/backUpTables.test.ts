import { beforeEach, describe, expect, test } from 'vitest'
import { partsByFirstDigit, wholeTable } from '../../../src/domain/operating/backup.js'
import { backUpTables } from '../../../src/usecases/operating/backUpTables.js'
import type { BackupStore, StoredRow } from '../../../src/usecases/ports/operating.js'
import { memoryBackups } from '../../memory/memoryBackups.js'
import { memoryNightlyRuns } from '../../memory/memoryNightlyRuns.js'
import { memoryTableRows } from '../../memory/memoryTableRows.js'
import { all } from '../../support/samples.js'

const parts = [...partsByFirstDigit('Transfers'), wholeTable('Owners')]
const hours = (count: number) => count * 3_600_000

let clock: Date
let ids = 0
let lines: { event: string; details: Record<string, unknown> | undefined }[]
let measured: { metric: string; value: number }[]
let rows: ReturnType<typeof memoryTableRows>
let backups: BackupStore

beforeEach(() => {
  clock = new Date('2026-02-28T23:10:00Z')
  lines = []
  measured = []
  rows = memoryTableRows(() => clock, 'Transfers')
  backups = memoryBackups()
})

const advance = (ms: number) => {
  clock = new Date(clock.getTime() + ms)
}
const process = (given: { backups?: BackupStore } = {}) =>
  backUpTables({
    parts,
    rows,
    backups,
    nightlyRuns: memoryNightlyRuns(),
    ...given,
    now: () => clock,
    newId: () => `a${ids++}`,
    log: (event, details) => void lines.push({ event, details }),
    measure: (metric, value) => void measured.push({ metric, value }),
  })

/** The keys in every backup, oldest first. */
async function contents(): Promise<string[][]> {
  const found = await backups.list()
  return Promise.all(
    found.map(async (each) => {
      const manifest = await backups.manifestOf(each)
      const held = await Promise.all(manifest.parts.map(({ name }) => all(backups.read(manifest, name))))
      return held.flat().map(({ rowKey }: StoredRow) => rowKey)
    }),
  )
}

describe('backing up the tables', () => {
  test('takes every row at first, and then each night what was written since', async () => {
    rows.put('Transfers', { partitionKey: '0a', rowKey: 'one', sequence: 0 })
    rows.put('Owners', { partitionKey: 'x', rowKey: 'owner' })
    advance(hours(2))
    await process()()
    advance(hours(10))
    rows.put('Transfers', { partitionKey: 'ff', rowKey: 'another', sequence: 0 })
    await process()()
    advance(hours(14))
    await process()()

    expect(await contents()).toEqual([['one', 'owner'], ['another']])
    expect(lines.map(({ event }) => event)).toEqual(['backup.finished', 'backup.finished'])
    expect(lines[1]?.details).toMatchObject({ rows: 1, since: new Date('2026-03-01T00:10:00Z') })
  })

  test('takes every row again once a week', async () => {
    rows.put('Owners', { partitionKey: 'x', rowKey: 'owner' })
    advance(hours(2))
    for (let night = 0; night < 8; night++) {
      await process()()
      advance(hours(24))
    }

    expect(await contents()).toEqual([['owner'], [], [], [], [], [], [], ['owner']])
  })

  test('takes what was written while the one before was made', async () => {
    advance(hours(2))
    const slow: BackupStore = {
      ...backups,
      async complete(manifest) {
        rows.put('Transfers', { partitionKey: '0a', rowKey: 'late', sequence: 0 })
        await backups.complete(manifest)
      },
    }
    await process({ backups: slow })()
    advance(hours(24))
    await process()()

    expect(await contents()).toEqual([[], ['late']])
  })

  test('that fails leaves no backup, says so, and the next hour begins anew from the one before', async () => {
    await process()()
    advance(hours(24))
    rows.put('Transfers', { partitionKey: '0a', rowKey: 'one', sequence: 0 })
    const broken: BackupStore = { ...backups, write: async () => Promise.reject(new Error('The account has gone.')) }

    await expect(process({ backups: broken })()).rejects.toThrow('The account has gone.')
    expect(await contents()).toEqual([[]])
    expect(lines.at(-1)).toMatchObject({ event: 'backup.failed', details: { error: 'Error: The account has gone.' } })
    advance(hours(1))
    await process()()

    expect(await contents()).toEqual([[], ['one']])
  })

  test('may be done by two at once', async () => {
    rows.put('Owners', { partitionKey: 'x', rowKey: 'owner' })
    advance(hours(2))
    const [one, other] = [process(), process()]

    await Promise.all([one(), other()])
    advance(hours(24))
    await process()()

    expect(await contents()).toEqual([['owner'], ['owner'], []])
  })

  test('measures each hour how old the last whole backup is', async () => {
    advance(hours(2))
    await process()()
    for (let hour = 0; hour < 3; hour++) {
      advance(hours(1))
      await process()()
    }

    expect(measured).toEqual([0, 3600, 7200, 10_800].map((value) => ({ metric: 'backupAge', value })))
  })
})
