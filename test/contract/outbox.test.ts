import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { tableOutbox } from '../../src/adapters/tables/tableOutbox.js'
import type { Outbox, OutboxEntry } from '../../src/usecases/ports/outbox.js'
import { memoryOutbox } from '../memory/memoryOutbox.js'
import { azuriteTables } from '../support/azurite.js'
import { all, at, later } from '../support/samples.js'

const mark = (given: Partial<OutboxEntry> = {}): OutboxEntry => ({
  changeId: randomUUID(),
  fileTransferId: randomUUID(),
  first: 1,
  ...given,
})

const byChange = (marks: OutboxEntry[]) => marks.toSorted((a, b) => a.changeId.localeCompare(b.changeId))

function pendingChangesContract(name: string, makePort: (now: () => Date) => Promise<Outbox>) {
  describe(`pending changes in ${name}`, () => {
    test('are none at first', async () => {
      const outbox = await makePort(() => at)

      expect(await all(outbox.all())).toEqual([])
    })

    test('list every entry with the time it was written', async () => {
      let now = at
      const outbox = await makePort(() => now)
      const marks = Array.from({ length: 20 }, (_, i) => mark({ first: i + 1 }))

      for (const [index, each] of marks.entries()) {
        now = later(index)
        await outbox.add(each)
      }

      const expected = marks.map((each, index) => ({ ...each, since: later(index) }))
      expect(byChange(await all(outbox.all()))).toStrictEqual(byChange(expected))
    })

    test('keep the entries of several changes of one transfer apart', async () => {
      const outbox = await makePort(() => at)
      const one = mark()
      const other = mark({ fileTransferId: one.fileTransferId })
      await Promise.all([outbox.add(one), outbox.add(other)])

      await outbox.remove(one)

      expect(await all(outbox.all())).toStrictEqual([{ ...other, since: at }])
    })

    test('may be added twice: the answer of the first try may have been lost', async () => {
      const outbox = await makePort(() => at)
      const one = mark()

      await outbox.add(one)
      await outbox.add(one)

      expect(await all(outbox.all())).toStrictEqual([{ ...one, since: at }])
    })

    test('may be removed twice, and when they were never there', async () => {
      const outbox = await makePort(() => at)
      const one = mark()
      await outbox.add(one)

      await outbox.remove(one)
      await outbox.remove(one)
      await outbox.remove(mark())

      expect(await all(outbox.all())).toEqual([])
    })

    test('may be removed while they are listed', async () => {
      const outbox = await makePort(() => at)
      await Promise.all(Array.from({ length: 10 }, () => outbox.add(mark())))

      for await (const { since, ...each } of outbox.all()) await outbox.remove(each)

      expect(await all(outbox.all())).toEqual([])
    })
  })
}

const makeTable = azuriteTables()
pendingChangesContract('memory', async (now) => memoryOutbox(now))
pendingChangesContract('an Azure table', async (now) => tableOutbox(await makeTable(), now))
