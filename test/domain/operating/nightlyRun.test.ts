import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isDue, lastOccurrence, type NightlyRun, startRun } from '../../../src/domain/operating/nightlyRun.js'

const time = { hour: 2, minute: 20 }
const utc = (text: string) => new Date(`2026-11-${text}:00.000Z`)
const MINUTE_MS = 60_000
const DAY_MINUTES = 24 * 60

describe('a nightly task', () => {
  test.each([
    ['27T02:20', '27T02:20'],
    ['27T02:19', '26T02:20'],
    ['27T23:59', '27T02:20'],
    ['01T00:00', '31T02:20'],
  ])('at %s was due last on the %s', (now, night) => {
    const expected = night === '31T02:20' ? new Date('2026-10-31T02:20:00.000Z') : utc(night)

    expect(lastOccurrence(time, utc(now))).toEqual(expected)
  })

  test.each<[string, NightlyRun, string, boolean]>([
    ['not before its time', { doneAt: utc('26T02:20') }, '27T02:19', false],
    ['at its time', { doneAt: utc('26T02:20') }, '27T02:20', true],
    ['once a night', { doneAt: utc('27T02:20') }, '27T23:00', false],
    ['late, when nothing ran at its time', { doneAt: utc('26T02:20') }, '27T17:00', true],
    ['once after several lost nights', { doneAt: utc('27T17:00') }, '28T02:19', false],
    ['not while a run may be under way', startRun({ doneAt: utc('26T02:20') }, utc('27T02:20')), '27T03:19', false],
    ['again an hour after a run that failed', startRun({ doneAt: utc('26T02:20') }, utc('27T02:20')), '27T03:20', true],
  ])('is due %s', (_, run, now, expected) => {
    expect(isDue(run, time, utc(now))).toBe(expected)
  })

  test('runs exactly once for every night in which the timer ticks, whatever the time of the day and the gaps', () => {
    const anyTime = fc.record({ hour: fc.nat(23), minute: fc.nat(59) })
    const gaps = fc.array(fc.integer({ min: 1, max: 3 * DAY_MINUTES }), { maxLength: 200 })

    fc.assert(
      fc.property(anyTime, gaps, (due, minutes) => {
        let now = utc('01T12:00')
        let run: NightlyRun = { doneAt: now }
        const nights = new Set([lastOccurrence(due, now).getTime()])
        let runs = 0
        for (const gap of minutes) {
          now = new Date(now.getTime() + gap * MINUTE_MS)
          nights.add(lastOccurrence(due, now).getTime())
          if (!isDue(run, due, now)) continue
          run = { doneAt: now }
          runs++
        }

        expect(runs).toBe(nights.size - 1)
      }),
    )
  })
})
