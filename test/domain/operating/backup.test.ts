import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type Backup,
  backupChain,
  backupIdOf,
  backupOf,
  isUnbroken,
  partsByFirstDigit,
  partsToBackUp,
  planBackup,
} from '../../../src/domain/operating/backup.js'

const night = (day: number, hour = 1, minute = 10) => new Date(Date.UTC(2026, 2, day, hour, minute))
const backup = (startedAt: Date, isFull = false): Backup => ({
  id: backupIdOf({ startedAt, since: isFull ? undefined : startedAt }, 'a1'),
  startedAt,
  isFull,
})
const HOUR_MS = 3_600_000

describe('the backup that is due', () => {
  test('is a full one where there is none, at any time of the day', () => {
    expect(planBackup([], night(1, 14))).toEqual({ startedAt: night(1, 14), since: undefined })
  })

  test('is an increment from an hour before the last one began', () => {
    const complete = [backup(night(1), true), backup(night(2))]

    expect(planBackup(complete, night(3))).toEqual({ startedAt: night(3), since: night(2, 0) })
  })

  test.each([
    ['just made', night(2, 1, 11)],
    ['made in the night', night(2, 23, 59)],
    ['of yesterday, before one o’clock', night(3, 0, 59)],
  ])('is none while the last is %s', (_, now) => {
    expect(planBackup([backup(night(1), true), backup(night(2))], now)).toBeUndefined()
  })

  test('is that of the night in the hours after it, when it was interrupted', () => {
    expect(planBackup([backup(night(1), true)], night(2, 5))).toMatchObject({ since: night(1, 0) })
  })

  test('is a full one in the seventh night, and when nights were missed', () => {
    const week = [backup(night(1), true), ...[2, 3, 4, 5, 6, 7].map((day) => backup(night(day)))]

    expect(planBackup(week.slice(0, 6), night(7))?.since).toBeInstanceOf(Date)
    expect(planBackup(week, night(8))).toEqual({ startedAt: night(8), since: undefined })
    expect(planBackup(week.slice(0, 1), night(20))).toMatchObject({ since: undefined })
  })
})

describe('the backup after a restore', () => {
  const complete = [backup(night(1), true), backup(night(2))]

  test('is a full one, since earlier ones may hold what the restore left out', () => {
    expect(planBackup(complete, night(3), night(2, 12))).toEqual({ startedAt: night(3), since: undefined })
    expect(planBackup([...complete, backup(night(3), true)], night(4), night(2, 12))?.since).toEqual(night(3, 0))
  })

  test('is an increment again once a full one is made after it, not when both began at once', () => {
    const again = [...complete, backup(night(3), true)]

    expect(planBackup(again, night(4), night(3))).toMatchObject({ since: undefined })
    expect(planBackup(again, night(4), new Date(night(3).getTime() - 1))?.since).toEqual(night(3, 0))
  })

  test('is due in the next night', () => {
    expect(planBackup(complete, night(2, 13), night(2, 12))).toBeUndefined()
  })
})

describe('backups made hour by hour, some of them interrupted', () => {
  test('form an unbroken chain from a full one that is a week old at most', () => {
    const fates = fc.array(fc.boolean(), { minLength: 24 * 9, maxLength: 24 * 20 })

    fc.assert(
      fc.property(fates, (isMade) => {
        const made: (Backup & { since: Date | undefined })[] = []
        isMade.forEach((isWhole, hour) => {
          const plan = planBackup(made, new Date(night(1).getTime() + hour * HOUR_MS))
          if (plan && isWhole) made.push({ ...backup(plan.startedAt, !plan.since), ...plan })
        })
        const chain = backupChain(made, night(60)).map(({ id }) => made.find((each) => each.id === id) ?? made[0])
        const plans = chain.flatMap((each) => each ?? [])
        expect(isUnbroken(plans)).toBe(true)
        expect(plans.length).toBeLessThanOrEqual(8)
        expect(plans.at(-1)).toBe(made.at(-1))
      }),
    )
  })
})

describe('the backups to restore', () => {
  const complete = [
    backup(night(1), true),
    backup(night(2)),
    backup(night(3)),
    backup(night(8), true),
    backup(night(9)),
  ]

  test('are the last full one before a time, and the increments up to then', () => {
    expect(backupChain(complete, night(30))).toEqual(complete.slice(3))
    expect(backupChain(complete, night(8))).toEqual(complete.slice(3, 4))
    expect(backupChain(complete, night(7))).toEqual(complete.slice(0, 3))
    expect(backupChain(complete, night(2, 1, 9))).toEqual(complete.slice(0, 1))
  })

  test('are none before the first full one', () => {
    expect(backupChain(complete, night(1, 0))).toEqual([])
    expect(backupChain(complete.slice(1, 3), night(30))).toEqual([])
  })

  test('are no chain when a backup before an increment is missing', () => {
    const begins = { startedAt: night(1), since: undefined }

    expect(isUnbroken([begins, { startedAt: night(2), since: undefined }])).toBe(true)
    expect(isUnbroken([begins, begins, { startedAt: night(3), since: night(2) }])).toBe(false)
  })

  test('are a broken chain where an increment begins after the one before', () => {
    const [full, second, third] = [night(1), night(2), night(3)]
    const begins = { startedAt: full, since: undefined }

    expect(isUnbroken([begins, { startedAt: second, since: full }])).toBe(true)
    expect(isUnbroken([begins, { startedAt: third, since: second }])).toBe(false)
    expect(isUnbroken([{ startedAt: third, since: second }])).toBe(false)
  })
})

describe('the parts of a table', () => {
  test('contain every key, whatever it begins with', () => {
    const parts = partsByFirstDigit('Some')

    expect(parts).toHaveLength(16)
    expect(new Set(parts.map(({ name }) => name)).size).toBe(16)
    expect(parts[0]?.from).toBeUndefined()
    expect(parts.at(-1)?.until).toBeUndefined()
    for (const [index, { until }] of parts.slice(0, -1).entries()) expect(parts[index + 1]?.from).toBe(until)
  })
})

describe('the tables of a backup', () => {
  test('are all that hold what cannot be made again: the large ones in parts, the others whole', () => {
    const tables = {
      fileTransfers: 'FileTransfers',
      eventDeliveries: 'EventDeliveries',
      monthlyStatistics: 'MonthlyStatistics',
      idempotencyKeys: 'IdempotencyKeys',
      encryptionKeys: 'EncryptionKeys',
      resources: 'Resources',
      serviceOwners: 'ServiceOwners',
    }
    const parts = partsToBackUp(tables)

    expect(new Set(parts.map(({ table }) => table))).toEqual(new Set(Object.values(tables)))
    expect(parts.filter(({ from, until }) => from === undefined && until === undefined)).toEqual(
      ['MonthlyStatistics', 'IdempotencyKeys', 'EncryptionKeys', 'Resources', 'ServiceOwners'].map((name) => ({
        name,
        table: name,
      })),
    )
  })
})

describe('the name of a backup', () => {
  test('identifies the backup, and sorts by time', () => {
    const times = fc.date({ min: new Date('2020-01-01'), max: new Date('2099-12-31'), noInvalidDate: true })

    fc.assert(
      fc.property(times, times, fc.boolean(), fc.uuid(), (at, other, isFull, unique) => {
        const id = backupIdOf({ startedAt: at, since: isFull ? undefined : at }, unique)
        expect(backupOf(id)).toEqual({ id, startedAt: at, isFull })
        const later = backupIdOf({ startedAt: other, since: undefined }, unique)
        if (at < other) expect(id < later).toBe(true)
      }),
    )
  })

  test.each(['', 'notes', '20260301T011000000Z-half-a1', '2026-03-01'])('is not %j', (name) => {
    expect(backupOf(name)).toBeUndefined()
  })
})
