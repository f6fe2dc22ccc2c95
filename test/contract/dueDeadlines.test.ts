import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { tablePending } from '../../src/adapters/tables/tablePending.js'
import type { Deadline } from '../../src/domain/fileTransfer/state.js'
import type { DueDeadlines, DueRow } from '../../src/usecases/ports/outbox.js'
import { memoryDueDeadlines } from '../memory/memoryDueDeadlines.js'
import { azuriteTables } from '../support/azurite.js'
import { all, at, later } from '../support/samples.js'

const HOUR = 3600
const deadline = (seconds: number, given: Partial<Deadline> = {}): Deadline => ({
  kind: 'expire',
  at: later(seconds),
  sequence: 1,
  ...given,
})
const idOf = ({ fileTransferId }: DueRow) => fileTransferId

function dueDeadlinesContract(name: string, makePort: (now: () => Date) => Promise<DueDeadlines>) {
  describe(`deadlines in ${name}`, () => {
    test('come with all that was said of them, and the time they were written', async () => {
      const due = await makePort(() => later(-500))
      const id = randomUUID()

      await due.replace(id, [], [deadline(-60, { kind: 'scanOverdue', sequence: 7 })])

      expect(await all(due.dueBy(at))).toStrictEqual([
        { fileTransferId: id, kind: 'scanOverdue', at: later(-60), sequence: 7, tries: 0, since: later(-500) },
      ])
    })

    test('of any time in the past are due, and none that lies ahead', async () => {
      const due = await makePort(() => at)
      // `at` is on the hour: half an hour later there is a past and a future in the same hour.
      const now = later(HOUR / 2)
      const past = [-400 * 24 * HOUR, -25 * HOUR, -HOUR, -1, 0, 1, HOUR / 2 - 0.001]
      const future = [HOUR / 2 + 0.001, HOUR - 0.001, HOUR, 26 * HOUR, 365 * 24 * HOUR]
      const waiting = [...past, ...future].map((seconds) => ({ id: randomUUID(), seconds }))
      for (const { id, seconds } of waiting) await due.replace(id, [], [deadline(seconds)])

      const found = await all(due.dueBy(now))

      expect(found.map(idOf).toSorted()).toEqual(
        waiting
          .slice(0, past.length)
          .map(({ id }) => id)
          .toSorted(),
      )
    })

    test('are overdue when they were due before a time, also while they wait for another try', async () => {
      const due = await makePort(() => at)
      const [tried, fresh, ahead] = [randomUUID(), randomUUID(), randomUUID()]
      await due.replace(tried, [], [deadline(-60)])
      await due.replace(fresh, [], [deadline(-1)])
      await due.replace(ahead, [], [deadline(0)])
      const row = (await all(due.dueBy(at))).find((each) => idOf(each) === tried)
      if (row) await due.scheduleRetry(row, later(HOUR))

      expect((await all(due.overdue(at))).map(idOf).toSorted()).toEqual([tried, fresh].toSorted())
    })

    test('are due at their very time', async () => {
      const due = await makePort(() => at)
      const atTheHour = randomUUID()
      const within = randomUUID()
      await due.replace(atTheHour, [], [deadline(0)])
      await due.replace(within, [], [deadline(1800)])

      expect((await all(due.dueBy(at))).map(idOf)).toEqual([atTheHour])
      expect((await all(due.dueBy(later(1800)))).map(idOf).toSorted()).toEqual([atTheHour, within].toSorted())
    })

    test('are due if and only if their time has come, whatever the times', async () => {
      const seconds = fc.integer({ min: -2 * HOUR, max: 2 * HOUR })

      await fc.assert(
        fc.asyncProperty(
          fc.uniqueArray(seconds, { minLength: 1, maxLength: 8 }),
          seconds,
          async (times, nowSeconds) => {
            const due = await makePort(() => at)
            // Never at the very millisecond: that has a rule of its own.
            const now = later(nowSeconds + 0.5)
            await Promise.all(times.map((time) => due.replace(randomUUID(), [], [deadline(time)])))

            const found = (await all(due.dueBy(now))).map((row) => row.at.getTime())

            const expected = times.map((time) => later(time).getTime()).filter((time) => time <= now.getTime())
            expect(found.toSorted()).toEqual(expected.toSorted())
          },
        ),
        { numRuns: 25 },
      )
    })

    test('of one transfer are kept apart by kind, time and sequence', async () => {
      const due = await makePort(() => at)
      const id = randomUUID()
      const several = [
        deadline(-10),
        deadline(-10, { sequence: 2 }),
        deadline(-10, { kind: 'purge' }),
        deadline(-11, { kind: 'purge' }),
      ]
      await due.replace(id, [], several)

      await due.replace(id, [deadline(-10)], [])

      const left = (await all(due.dueBy(at))).map(({ kind, at, sequence }) => ({ kind, at, sequence }))
      expect(left).toHaveLength(3)
      expect(left).toEqual(expect.arrayContaining(several.slice(1)))
    })

    test('may be removed twice, before they are due, and when they were never there', async () => {
      const due = await makePort(() => at)
      const id = randomUUID()
      await due.replace(id, [], [deadline(-10), deadline(5000)])

      await due.replace(id, [deadline(-10), deadline(5000)], [])
      await due.replace(id, [deadline(-10), deadline(5000)], [])
      await due.replace(randomUUID(), [deadline(-10)], [])
      await due.replace(id, [], [])

      expect(await all(due.dueBy(later(10_000)))).toEqual([])
    })

    test('are not due while they are postponed, and then have one more try', async () => {
      const due = await makePort(() => later(-500))
      const id = randomUUID()
      await due.replace(id, [], [deadline(-60)])
      const [first] = await all(due.dueBy(at))

      if (first) await due.scheduleRetry(first, later(60))

      expect(await all(due.dueBy(later(59)))).toEqual([])
      const [second] = await all(due.dueBy(later(60)))
      expect(second).toStrictEqual({ ...first, tries: 1 })
      if (second) await due.scheduleRetry(second, later(180))
      expect(await all(due.dueBy(later(179)))).toEqual([])
      expect(await all(due.dueBy(later(180)))).toStrictEqual([{ ...first, tries: 2 }])
    })

    test('that were removed are not added again by a postponement', async () => {
      const due = await makePort(() => at)
      const id = randomUUID()
      await due.replace(id, [], [deadline(-60)])
      const [row] = await all(due.dueBy(at))
      await due.replace(id, [deadline(-60)], [])

      if (row) await due.scheduleRetry(row, later(60))

      expect(await all(due.dueBy(later(120)))).toEqual([])
    })

    test('that are postponed can be removed', async () => {
      const due = await makePort(() => at)
      const id = randomUUID()
      await due.replace(id, [], [deadline(-60)])
      const [row] = await all(due.dueBy(at))
      if (row) await due.scheduleRetry(row, later(60))

      if (row) await due.replace(id, [row], [])

      expect(await all(due.dueBy(later(120)))).toEqual([])
    })

    test('are added twice without harm', async () => {
      const due = await makePort(() => at)
      const id = randomUUID()

      await due.replace(id, [], [deadline(-60)])
      await due.replace(id, [], [deadline(-60)])

      expect(await all(due.dueBy(at))).toHaveLength(1)
    })

    test('are found however many there are', async () => {
      const due = await makePort(() => at)
      const ids = Array.from({ length: 1100 }, () => randomUUID())
      for (let first = 0; first < ids.length; first += 50) {
        await Promise.all(ids.slice(first, first + 50).map((id) => due.replace(id, [], [deadline(-HOUR)])))
      }

      expect(new Set((await all(due.dueBy(at))).map(idOf)).size).toBe(1100)
    })
  })
}

const makeTable = azuriteTables()
dueDeadlinesContract('memory', async (now) => memoryDueDeadlines(now))
dueDeadlinesContract('an Azure table', async (now) => {
  const [due, before020] = await Promise.all([makeTable(), makeTable()])
  return tablePending({ due, before020 }, now).due
})
