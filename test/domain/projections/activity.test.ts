import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Fact } from '../../../src/domain/fileTransfer/state.js'
import { type ActivityRow, activityOf, dayOf, isKept } from '../../../src/domain/projections/activity.js'
import { activityDay, statusOf } from '../../../src/domain/projections/activityReport.js'
import { memoryActivity } from '../../memory/memoryActivity.js'
import { all, at, initialized, later, owner } from '../../support/samples.js'

const file = { attemptId: 'a', sizeBytes: 7, md5: '', etag: '' }
const { transfer, facts } = initialized()
const story: Fact[] = [
  ...facts,
  { type: 'UploadStarted', attemptId: 'a', released: [], idleAt: later(90), at: later(1) },
  { type: 'UploadCompleted', file, released: [], deadlines: [], at: later(2) },
  { type: 'UploadChecked', at: later(3) },
  { type: 'Published', at: later(4) },
  { type: 'AllConfirmedDownloaded', at: later(5) },
  { type: 'Purged', released: [], at: later(6) },
]

const row = (given: Partial<ActivityRow> = {}): ActivityRow => ({
  serviceOwner: owner,
  resourceId: 'bilag',
  fileTransferId: crypto.randomUUID(),
  createdAt: at,
  ...given,
})

describe('the activity of a file transfer', () => {
  test('is the same in any order of its changes, and however often each is recorded', async () => {
    const changes = fc
      .shuffledSubarray(
        story.map((_, index) => index),
        { minLength: story.length },
      )
      .chain((order) => fc.array(fc.constantFrom(...order), { maxLength: 10 }).map((more) => [...more, ...order]))
    const whole = activityOf(transfer, story)

    await fc.assert(
      fc.asyncProperty(changes, async (order) => {
        const store = memoryActivity()
        for (const index of order) {
          const part = activityOf(transfer, story.slice(index, index + 1))
          if (part) await store.record(part)
        }

        expect(await all(store.ofDay(dayOf(at), owner))).toEqual([whole])
      }),
    )
  })

  test('has no row for facts that it does not show', () => {
    expect(activityOf(transfer, story.slice(1, 2))).toBeUndefined()
    expect(activityOf(transfer, [])).toBeUndefined()
  })

  test('has the status that the last step gives', () => {
    const after = (count: number) => statusOf(activityOf(transfer, story.slice(0, count)) ?? row())

    expect([1, 2, 3, 5, 6, 7].map(after)).toEqual([
      'Initialized',
      'Initialized',
      'UploadProcessing',
      'Published',
      'AllConfirmedDownloaded',
      'Purged',
    ])
    expect(statusOf(row({ uploadedAt: at, publishedAt: at, failedAt: at }))).toBe('Failed')
    expect(statusOf(row({ cancelledAt: at }))).toBe('Cancelled')
  })

  test('is kept for some days after the creation', () => {
    const daysLater = (days: number) => new Date(at.getTime() + days * 86_400_000)

    expect(isKept(row(), daysLater(12))).toBe(true)
    expect(isKept(row(), daysLater(13))).toBe(false)
  })
})

describe('a day of a service owner', () => {
  test('counts by status and by resource', () => {
    const rows = [row(), row({ uploadedAt: at, publishedAt: later(9) }), row({ resourceId: 'skatt', failedAt: at })]

    const day = activityDay('2026-03-01', rows, false, later(10))

    expect(day.fileTransfers).toBe(3)
    expect(day.statuses).toMatchObject({ Initialized: 1, Published: 1, Failed: 1, Purged: 0 })
    expect(day.resources.map(({ resourceId, statuses }) => [resourceId, statuses.Failed])).toEqual([
      ['bilag', 0],
      ['skatt', 1],
    ])
  })

  test('has the median and the 95th percentile of the time to publish, and the share in time', () => {
    const rows = Array.from({ length: 20 }, (_, index) =>
      row({ uploadedAt: at, publishedAt: later(index === 19 ? 301 : index + 1) }),
    )

    expect(activityDay('2026-03-01', rows, false, later(400)).publishing).toEqual({
      files: 20,
      inTime: 19,
      medianSeconds: 10,
      p95Seconds: 19,
    })
    expect(activityDay('2026-03-01', [row()], false, at).publishing).toBeUndefined()
  })

  test('has the files that wait for longer than the objective, longest first', () => {
    const waiting = [
      row({ uploadedAt: later(100) }),
      row({ uploadedAt: later(50) }),
      row({ uploadedAt: later(101) }),
      row({ uploadedAt: at, cancelledAt: later(1) }),
    ]

    const { overdue, publishing } = activityDay('2026-03-01', waiting, false, later(401))

    expect(overdue.map(({ since }) => since)).toEqual([later(50), later(100)])
    expect(publishing).toMatchObject({ files: 2, inTime: 0, p95Seconds: 351 })
  })
})
