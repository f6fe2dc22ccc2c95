import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { tableInbox } from '../../src/adapters/inbox/tableInbox.js'
import type { Table } from '../../src/adapters/tableService/table.js'
import type { Inbox, InboxEntry } from '../../src/usecases/ports/inbox.js'
import { memoryInbox } from '../memory/memoryInbox.js'
import { azuriteTables } from '../support/azurite.js'
import { withWrites } from '../support/faultyClients.js'
import { at, kari, later, ola } from '../support/samples.js'

const entry = (): InboxEntry => ({
  eventId: randomUUID(),
  type: 'published',
  fileTransferId: randomUUID(),
  resourceId: 'r / # ?',
  at: later(7),
})
const entries = (count: number) => Array.from({ length: count }, entry)

/** `open` opens another inbox on the same store, as another process does. */
function inboxContract(name: string, makeStore: () => Promise<() => Inbox>) {
  describe(`inboxes in ${name}`, () => {
    test('number what is added, in its order', async () => {
      const inbox = (await makeStore())()
      const [first, second, third] = [entry(), entry(), entry()]
      const { epoch } = await inbox.append(kari, [first], at)

      expect(await inbox.append(kari, [second, third], at)).toEqual({ epoch, last: 3, removed: 0 })
      expect(await inbox.head(kari)).toEqual({ epoch, last: 3, removed: 0 })
      expect(await inbox.read(kari, 0, 2)).toEqual([
        { ...first, sequence: 1 },
        { ...second, sequence: 2 },
      ])
      expect(await inbox.read(kari, 2, 3)).toEqual([{ ...third, sequence: 3 }])
      expect(await inbox.read(kari, 3, 3)).toEqual([])
    })

    test('are each organisation’s own', async () => {
      const inbox = (await makeStore())()
      const [mine, others] = [await inbox.append(kari, entries(2), at), await inbox.head(ola)]

      expect(others).toMatchObject({ last: 0, removed: 0 })
      expect(others.epoch).toMatch(/^[0-9a-f]{8}$/)
      expect(others.epoch).not.toBe(mine.epoch)
      expect(await inbox.read(ola, 0, 10)).toEqual([])
    })

    test('have a head from the first look on', async () => {
      const open = await makeStore()
      const [one, other] = [open(), open()]
      const [first, second] = await Promise.all([one.head(kari), other.head(kari)])

      expect(second).toEqual(first)
      expect(await other.append(kari, entries(1), at)).toEqual({ ...first, last: 1 })
    })

    test('take more at once than a transaction has room for', async () => {
      const inbox = (await makeStore())()
      const some = Array.from({ length: 60 }, () => entries(2))
      await Promise.all(some.map((each) => inbox.append(kari, each, at)))

      const ids = (await inbox.read(kari, 0, 120)).map(({ eventId }) => eventId)
      expect(ids).toEqual(some.flat().map(({ eventId }) => eventId))
    })

    test('show to a reader everything that concurrent writers add, and nothing out of order', async () => {
      const open = await makeStore()
      const writers = Array.from({ length: 4 }, open)
      const written = writers.map(() => entries(40))
      let isWriting = true
      const writing = Promise.all(
        writers.map(async (writer, index) => {
          for (const each of written[index] ?? []) await writer.append(kari, [each], at)
        }),
      ).finally(() => {
        isWriting = false
      })

      const reader = open()
      const seen: string[] = []
      const look = async () => {
        const { last } = await reader.head(kari)
        const found = await reader.read(kari, seen.length, last)
        expect(found.map(({ sequence }) => sequence)).toEqual(found.map((_, index) => seen.length + index + 1))
        expect(found).toHaveLength(last - seen.length)
        seen.push(...found.map(({ eventId }) => eventId))
      }
      while (isWriting) await look()
      await writing
      await look()

      expect(seen.toSorted()).toEqual(
        written
          .flat()
          .map(({ eventId }) => eventId)
          .toSorted(),
      )
      // What one process has added is in its order.
      for (const some of written) {
        const own = some.map(({ eventId }) => seen.indexOf(eventId))
        expect(own).toEqual(own.toSorted((a, b) => a - b))
      }
    })

    test('lose what was added before a time, the oldest first and up to a number, and say so', async () => {
      const inbox = (await makeStore())()
      await inbox.append(kari, entries(150), at)
      const young = entries(2)
      await inbox.append(kari, young, later(10))
      await inbox.append(ola, entries(1), later(10))

      expect(await inbox.removeOlder(later(10), 1000)).toBe(150)
      expect(await inbox.removeOlder(later(10), 1000)).toBe(0)
      expect(await inbox.head(kari)).toMatchObject({ last: 152, removed: 150 })
      expect((await inbox.read(kari, 0, 152)).map(({ sequence }) => sequence)).toEqual([151, 152])
      expect(await inbox.head(ola)).toMatchObject({ last: 1, removed: 0 })
      expect((await inbox.append(kari, entries(1), later(11))).last).toBe(153)
    })

    test('lose no more in a night than may be', async () => {
      const inbox = (await makeStore())()
      await inbox.append(kari, entries(250), at)
      const removed = await inbox.removeOlder(later(1), 50)

      expect(removed).toBeLessThan(150)
      expect(await inbox.head(kari)).toMatchObject({ removed })
      expect(await inbox.read(kari, 0, 250)).toHaveLength(250 - removed)
    })
  })
}

const makeTable = azuriteTables()
inboxContract('memory', async () => {
  const inbox = memoryInbox()
  return () => inbox
})
inboxContract('an Azure table', async () => {
  const table = await makeTable()
  return () => tableInbox(table, randomUUID)
})

test('an inbox whose removal was carried out, and its answer lost, is as clean as others, and holds none of them up', async () => {
  const table = await makeTable()
  const whole = tableInbox(table, randomUUID)
  for (const each of [kari, ola]) await whole.append(each, entries(3), at)
  const lost = new Set<string>()
  const unsure: Table = {
    ...table,
    // Sent once more, as after a lost answer.
    async submitTransaction(actions) {
      const partition = actions[0]?.[1].partitionKey ?? ''
      const written = await table.submitTransaction(actions)
      if (lost.has(partition)) return written
      lost.add(partition)
      return table.submitTransaction(actions)
    },
  }

  expect(await tableInbox(unsure, randomUUID).removeOlder(later(1), 1000)).toBe(6)
  expect(await whole.head(kari)).toMatchObject({ last: 3, removed: 3 })
  expect(await whole.read(ola, 0, 3)).toEqual([])
})

test('an inbox that cannot be cleaned does not keep the others', async () => {
  const table = await makeTable()
  const whole = tableInbox(table, randomUUID)
  for (const each of [kari, ola]) await whole.append(each, entries(3), at)
  const [first, second] = [kari, ola].toSorted()
  const busy = withWrites(table, (partition) => {
    if (partition === first) throw Object.assign(new Error('The server is busy.'), { statusCode: 503 })
  })

  await expect(tableInbox(busy, randomUUID).removeOlder(later(1), 1000)).rejects.toThrow('busy')
  expect(await whole.read(first ?? kari, 0, 3)).toHaveLength(3)
  expect(await whole.read(second ?? ola, 0, 3)).toEqual([])
})
