import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { tableActivity } from '../../src/adapters/reports/tableActivity.js'
import type { ActivityRow } from '../../src/domain/projections/activity.js'
import type { ActivityStore, UndeliveredEvent } from '../../src/usecases/ports/activity.js'
import { memoryActivity } from '../memory/memoryActivity.js'
import { azuriteTables } from '../support/azurite.js'
import { all, anyOrganization, at, kari, later, owner } from '../support/samples.js'

const TODAY = '2026-03-01'
const DAY = 86_400
const row = (given: Partial<ActivityRow> = {}): ActivityRow => ({
  serviceOwner: owner,
  resourceId: 'bilag',
  fileTransferId: randomUUID(),
  createdAt: at,
  ...given,
})
const undelivered = (given: Partial<UndeliveredEvent> = {}): UndeliveredEvent => ({
  eventId: randomUUID(),
  fileTransferId: randomUUID(),
  resourceId: 'bilag',
  organization: kari,
  type: 'published',
  at,
  ...given,
})

function activityContract(name: string, make: () => Promise<ActivityStore>) {
  describe(`the activity in ${name}`, () => {
    test('merges what is recorded of a transfer, in any order and more than once', async () => {
      const activity = await make()
      const base = row()
      const parts = [
        base,
        { ...base, uploadedAt: later(1), publishedAt: later(2) },
        { ...base, allConfirmedAt: later(3) },
        { ...base, cancelledAt: later(4) },
        { ...base, failedAt: later(5) },
        { ...base, purgedAt: later(6) },
      ]

      for (const part of [...parts.toReversed(), ...parts]) await activity.record(part)

      expect(await all(activity.ofDay(TODAY, owner))).toEqual([Object.assign({}, ...parts)])
    })

    test('merges what happens at the same moment', async () => {
      const activity = await make()
      const base = row()

      await Promise.all([
        activity.record({ ...base, publishedAt: later(2) }),
        activity.record(base),
        activity.record({ ...base, uploadedAt: later(1) }),
      ])

      expect(await all(activity.ofDay(TODAY, owner))).toEqual([
        { ...base, uploadedAt: later(1), publishedAt: later(2) },
      ])
    })

    test('is of one day and one service owner, and the transfers of a resource follow each other', async () => {
      const activity = await make()
      const odd = 'a b/c#d?é'
      const other = anyOrganization()
      const own = [row(), row({ resourceId: odd }), row(), row({ resourceId: odd })]
      const others = [row({ serviceOwner: other }), row({ createdAt: later(DAY) }), row({ createdAt: later(-DAY) })]
      for (const each of [...own, ...others]) await activity.record(each)

      const found = (await all(activity.ofDay(TODAY, owner))).map(({ resourceId }) => resourceId)

      expect(found).toEqual([odd, odd, 'bilag', 'bilag'])
      expect(await all(activity.ofDay(TODAY, other))).toHaveLength(1)
    })

    test('lists undelivered events by day and service owner, once each, until they are removed', async () => {
      const activity = await make()
      const [one, two] = [undelivered(), undelivered({ at: later(DAY) })]
      await activity.addUndelivered(owner, one)
      await activity.addUndelivered(owner, one)
      await activity.addUndelivered(owner, two)
      await activity.addUndelivered(anyOrganization(), undelivered())

      expect(await all(activity.undeliveredOf(TODAY, owner))).toEqual([one])
      expect(await all(activity.ofDay(TODAY, owner))).toEqual([])
      await activity.removeUndelivered(owner, one)
      await activity.removeUndelivered(owner, one)
      expect(await all(activity.undeliveredOf(TODAY, owner))).toEqual([])
    })

    test('is removed before a day, no more than is said at a time', async () => {
      const activity = await make()
      const old = [
        row({ createdAt: later(-DAY) }),
        row({ createdAt: later(-2 * DAY) }),
        row({ createdAt: later(-DAY) }),
      ]
      for (const each of [...old, row()]) await activity.record(each)
      await activity.addUndelivered(owner, undelivered({ at: later(-DAY) }))

      expect(await activity.removeBefore(TODAY, 3)).toBe(3)
      expect(await activity.removeBefore(TODAY, 3)).toBe(1)
      expect(await activity.removeBefore(TODAY, 3)).toBe(0)

      expect(await all(activity.ofDay(TODAY, owner))).toHaveLength(1)
    })
  })
}

activityContract('memory', async () => memoryActivity())
const newTable = azuriteTables()
activityContract('Table Storage', async () => tableActivity(await newTable()))
