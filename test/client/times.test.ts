import { describe, expect, test } from 'vitest'
import { timeAheadIn, timeIn, timeText } from '../../clients/typescript/src/cli/times.js'

const now = Date.parse('2026-11-28T14:30:00.000Z')
const since = (text: string) => timeIn({ since: text }, 'since', now)
const until = (text: string) => timeIn({ until: text }, 'until', now)
/** A moment of this machine's time zone. */
const local = (...parts: [number, number, number, number?, number?, number?, number?]) =>
  new Date(...parts).toISOString()

describe('a time of an option', () => {
  test.each([
    ['90m', '2026-11-28T13:00:00.000Z'],
    ['24h', '2026-11-27T14:30:00.000Z'],
    ['7d', '2026-11-21T14:30:00.000Z'],
    ['2W', '2026-11-14T14:30:00.000Z'],
  ])('%s is so long ago', (text, time) => {
    expect([since(text), until(text)]).toEqual([time, time])
  })

  test('is a whole day, with its first or its last moment', () => {
    expect(since('2026-11-01')).toBe(local(2026, 10, 1))
    expect(until('2026-11-01')).toBe(local(2026, 10, 1, 23, 59, 59, 999))
  })

  test('is a date and time, here or in a time zone that it names', () => {
    expect(since('2026-11-01T10:30')).toBe(local(2026, 10, 1, 10, 30))
    expect(since(' 2026-11-01 10:30:15')).toBe(local(2026, 10, 1, 10, 30, 15))
    expect(since('2026-11-01T10:30:00Z')).toBe('2026-11-01T10:30:00.000Z')
    expect(since('2026-11-01T10:30:00+01:00')).toBe('2026-11-01T09:30:00.000Z')
  })

  test.each([
    '',
    'yesterday',
    '7',
    '7y',
    '-7d',
    '2026-02-30',
    '2026-13-01',
    '01.11.2026',
    '2026-11-01T25:00',
    '2026-02-30T10:00',
  ])('is not %j', (text) => {
    expect(() => since(text)).toThrow(/^--since is a date \(2026-11-28\), a time/)
  })

  test('is shown in the time zone of this machine', () => {
    expect(timeText(local(2026, 10, 1, 9, 5, 7))).toBe('2026-11-01 09:05:07')
  })
})

describe('a time that is to come', () => {
  const ahead = (text: string) => timeAheadIn({ until: text }, 'until', now)

  test.each([
    ['90m', '2026-11-28T16:00:00.000Z'],
    [' 24H ', '2026-11-29T14:30:00.000Z'],
    ['7d', '2026-12-05T14:30:00.000Z'],
    ['2w', '2026-12-12T14:30:00.000Z'],
  ])('%s is so long from now', (text, time) => {
    expect(ahead(text)).toBe(time)
  })

  test('is else a day, with its last moment, or a time', () => {
    expect(ahead('2026-12-24')).toBe(local(2026, 11, 24, 23, 59, 59, 999))
    expect(ahead('2026-12-24 12:00')).toBe(local(2026, 11, 24, 12))
    expect(ahead('2026-12-24T12:00:00+01:00')).toBe('2026-12-24T11:00:00.000Z')
  })

  test.each(['', 'tomorrow', '2026-02-30', '-7d'])('is not %j', (text) => {
    expect(() => ahead(text)).toThrow('--until is a date (2026-11-28), a time (2026-11-28T14:30) or a duration (7d)')
  })

  test('is not given where it is not', () => {
    expect(timeAheadIn({}, 'until')).toBeUndefined()
  })
})
