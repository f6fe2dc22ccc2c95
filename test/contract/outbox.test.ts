import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { tablePending } from '../../src/adapters/tables/tablePending.js'
import type { Deadline } from '../../src/domain/fileTransfer/state.js'
import type { DueDeadlines, Outbox, OutboxEntry } from '../../src/usecases/ports/outbox.js'
import { memoryPending } from '../memory/memoryPending.js'
import { azuriteTables } from '../support/azurite.js'
import { all, at, later } from '../support/samples.js'

const mark = (given: Partial<OutboxEntry> = {}): OutboxEntry => ({
  changeId: randomUUID(),
  fileTransferId: randomUUID(),
  first: 1,
  ...given,
})

const byChange = (marks: OutboxEntry[]) => marks.toSorted((a, b) => a.changeId.localeCompare(b.changeId))

function pendingChangesContract(
  name: string,
  makePort: (now: () => Date) => Promise<{ outbox: Outbox; due: DueDeadlines }>,
) {
  describe(`pending changes in ${name}`, () => {
    test('are none at first', async () => {
      const { outbox } = await makePort(() => at)

      expect(await all(outbox.all())).toEqual([])
    })

    test('list every entry with the time it was written', async () => {
      let now = at
      const { outbox } = await makePort(() => now)
      const marks = Array.from({ length: 20 }, (_, i) => mark({ first: i + 1 }))

      for (const [index, each] of marks.entries()) {
        now = later(index)
        await outbox.add(each, [])
      }

      const expected = marks.map((each, index) => ({ ...each, since: later(index) }))
      expect(byChange(await all(outbox.all()))).toStrictEqual(byChange(expected))
    })

    test('keep the entries of several changes of one transfer apart', async () => {
      const { outbox } = await makePort(() => at)
      const one = mark()
      const other = mark({ fileTransferId: one.fileTransferId })
      await Promise.all([outbox.add(one, []), outbox.add(other, [])])

      await outbox.remove(one, [])

      expect(await all(outbox.all())).toStrictEqual([{ ...other, since: at }])
    })

    test('writes its deadlines with the entry, and removes those that are obsolete with it', async () => {
      const { outbox, due } = await makePort(() => at)
      const one = mark()
      const deadlines = [1, 2].map((sequence): Deadline => ({ kind: 'expire', at: later(60), sequence }))

      await outbox.add(one, deadlines)

      expect((await all(due.dueBy(later(60)))).map(({ sequence }) => sequence)).toEqual([1, 2])
      await outbox.remove(one, deadlines.slice(1))
      expect((await all(due.dueBy(later(60)))).map(({ sequence }) => sequence)).toEqual([1])
      expect(await all(outbox.all())).toEqual([])
    })

    test('is removed though a row of an obsolete deadline is gone', async () => {
      const { outbox, due } = await makePort(() => at)
      const one = mark()
      const there: Deadline = { kind: 'expire', at: later(60), sequence: 1 }
      await outbox.add(one, [there])

      await outbox.remove(one, [there, { ...there, kind: 'purge' }])

      expect(await all(outbox.all())).toEqual([])
      expect(await all(due.dueBy(later(60)))).toEqual([])
    })

    test('may be added twice: the answer of the first try may have been lost', async () => {
      const { outbox } = await makePort(() => at)
      const one = mark()

      await outbox.add(one, [])
      await outbox.add(one, [])

      expect(await all(outbox.all())).toStrictEqual([{ ...one, since: at }])
    })

    test('may be removed twice, and when they were never there', async () => {
      const { outbox } = await makePort(() => at)
      const one = mark()
      await outbox.add(one, [])

      await outbox.remove(one, [])
      await outbox.remove(one, [])
      await outbox.remove(mark(), [])

      expect(await all(outbox.all())).toEqual([])
    })

    test('may be removed while they are listed', async () => {
      const { outbox } = await makePort(() => at)
      await Promise.all(Array.from({ length: 10 }, () => outbox.add(mark(), [])))

      for await (const { since, ...each } of outbox.all()) await outbox.remove(each, [])

      expect(await all(outbox.all())).toEqual([])
    })
  })
}

const makeTable = azuriteTables()
pendingChangesContract('memory', async (now) => memoryPending(now))
pendingChangesContract('an Azure table', async (now) => {
  const [due, before020] = await Promise.all([makeTable(), makeTable()])
  return tablePending({ due, before020 }, now)
})
