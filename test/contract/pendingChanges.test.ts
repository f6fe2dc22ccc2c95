import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { tablePendingChanges } from '../../src/adapters/tables/tablePendingChanges.js'
import type { ChangeMark, PendingChanges } from '../../src/usecases/ports/outbox.js'
import { memoryPendingChanges } from '../memory/memoryPendingChanges.js'
import { azuriteTables } from '../support/azurite.js'
import { all, at, later } from '../support/samples.js'

const mark = (given: Partial<ChangeMark> = {}): ChangeMark => ({
  changeId: randomUUID(),
  fileTransferId: randomUUID(),
  first: 1,
  ...given,
})

const byChange = (marks: ChangeMark[]) => marks.toSorted((a, b) => a.changeId.localeCompare(b.changeId))

function pendingChangesContract(name: string, makePort: (now: () => Date) => Promise<PendingChanges>) {
  describe(`pending changes in ${name}`, () => {
    test('are none at first', async () => {
      const pending = await makePort(() => at)

      expect(await all(pending.all())).toEqual([])
    })

    test('tell every mark with the time it was written', async () => {
      let now = at
      const pending = await makePort(() => now)
      const marks = Array.from({ length: 20 }, (_, i) => mark({ first: i + 1 }))

      for (const [index, each] of marks.entries()) {
        now = later(index)
        await pending.add(each)
      }

      const expected = marks.map((each, index) => ({ ...each, since: later(index) }))
      expect(byChange(await all(pending.all()))).toStrictEqual(byChange(expected))
    })

    test('keep the marks of several changes of one transfer apart', async () => {
      const pending = await makePort(() => at)
      const one = mark()
      const other = mark({ fileTransferId: one.fileTransferId })
      await Promise.all([pending.add(one), pending.add(other)])

      await pending.remove(one)

      expect(await all(pending.all())).toStrictEqual([{ ...other, since: at }])
    })

    test('may be added twice: the answer of the first try may have been lost', async () => {
      const pending = await makePort(() => at)
      const one = mark()

      await pending.add(one)
      await pending.add(one)

      expect(await all(pending.all())).toStrictEqual([{ ...one, since: at }])
    })

    test('may be removed twice, and when they were never there', async () => {
      const pending = await makePort(() => at)
      const one = mark()
      await pending.add(one)

      await pending.remove(one)
      await pending.remove(one)
      await pending.remove(mark())

      expect(await all(pending.all())).toEqual([])
    })

    test('may be removed while they are listed', async () => {
      const pending = await makePort(() => at)
      await Promise.all(Array.from({ length: 10 }, () => pending.add(mark())))

      for await (const { since, ...each } of pending.all()) await pending.remove(each)

      expect(await all(pending.all())).toEqual([])
    })
  })
}

const makeTable = azuriteTables()
pendingChangesContract('memory', async (now) => memoryPendingChanges(now))
pendingChangesContract('an Azure table', async (now) => tablePendingChanges(await makeTable(), now))
