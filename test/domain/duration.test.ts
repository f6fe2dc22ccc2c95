import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatDuration, isoDuration, parseDuration } from '../../src/domain/duration.js'

const DAY = 86_400

describe('parsing a duration', () => {
  test.each([
    ['P30D', 30 * DAY],
    ['PT2H', 7200],
    ['PT0S', 0],
    ['P1DT2H3M4S', DAY + 2 * 3600 + 3 * 60 + 4],
    ['PT90M', 5400],
    ['-P1D', -DAY],
    [' P1D ', DAY],
  ])('accepts ISO 8601: %s', (text, seconds) => {
    expect(parseDuration(text)).toBe(seconds)
  })

  test.each([
    ['P1Y', 365 * DAY],
    ['P2M', 60 * DAY],
    ['P1Y1M1D', 396 * DAY],
  ])('counts a year as 365 days and a month as 30: %s', (text, seconds) => {
    expect(parseDuration(text)).toBe(seconds)
  })

  test.each([
    ['30.00:00:00', 30 * DAY],
    ['02:00:00', 7200],
    ['1.02:03:04', DAY + 2 * 3600 + 3 * 60 + 4],
    ['-00:00:01', -1],
  ])('accepts the form in Broker’s answers: %s', (text, seconds) => {
    expect(parseDuration(text)).toBe(seconds)
  })

  test.each(['PT1.9S', 'PT1,9S', '00:00:01.9'])('drops fractions of a second: %s', (text) => {
    expect(parseDuration(text)).toBe(1)
  })

  test.each(['', 'P', 'PT', 'P1DT', 'P1', '1D', 'p1d', 'PT1D', 'P1H', 'P1D1Y', 'P1W', '30', '2:00', 'soon', 'P-1D'])(
    'knows no other form: %j',
    (text) => {
      expect(parseDuration(text)).toBeUndefined()
    },
  )
})

describe('a duration that cannot be one', () => {
  test.each(['P1D\n', '\nP1D', 'P1D\r\n', '\tP1D', 'P1D\u2028', 'P1D\u00a0', 'P١D', '30.00:00:00\n'])(
    'holds a character that none has: %j',
    (text) => {
      expect(parseDuration(text)).toBeUndefined()
    },
  )

  test.each(['30:00:00', '24:00:00', '1.24:00:00', '99:99:99', '00:60:00', '00:00:60', '00:00:99.5', '-24:00:00'])(
    'has more hours, minutes or seconds than a clock: %s',
    (text) => {
      expect(parseDuration(text)).toBeUndefined()
    },
  )

  test.each([
    `P${'9'.repeat(50_000)}D`,
    `P${'0'.repeat(50_000)}1D`,
    `1.00:00:00.${'0'.repeat(50_000)}`,
    `${' '.repeat(200)}P1D`,
  ])('is longer than any', (text) => {
    expect(parseDuration(text)).toBeUndefined()
  })

  test('is every clock that no clock shows, and no other', () => {
    const part = fc.nat(99)
    fc.assert(
      fc.property(fc.option(fc.nat(300)), part, part, part, (days, hours, minutes, seconds) => {
        const clock = [hours, minutes, seconds].map((each) => String(each).padStart(2, '0')).join(':')
        const isShown = hours < 24 && minutes < 60 && seconds < 60
        const all = (days ?? 0) * DAY + hours * 3600 + minutes * 60 + seconds

        expect(parseDuration(days === null ? clock : `${days}.${clock}`)).toBe(isShown ? all : undefined)
      }),
    )
  })
})

describe('formatting a duration', () => {
  test.each([
    [30 * DAY, '30.00:00:00'],
    [7200, '02:00:00'],
    [0, '00:00:00'],
    [DAY - 1, '23:59:59'],
    [365 * DAY + 1, '365.00:00:01'],
  ])('%d seconds are %s', (seconds, text) => {
    expect(formatDuration(seconds)).toBe(text)
  })

  test('gives a text that parses to the same number of seconds', () => {
    fc.assert(
      fc.property(fc.nat(366 * DAY), (seconds) => {
        expect(parseDuration(formatDuration(seconds))).toBe(seconds)
      }),
    )
  })
})

describe('a duration in ISO 8601', () => {
  test.each([
    [7 * DAY, 'P7D'],
    [-2 * DAY, '-P2D'],
    [DAY + 12 * 3600 + 30 * 60, 'P1DT12H30M'],
    [-5, '-PT5S'],
    [0, 'PT0S'],
  ])('%d seconds are %s', (seconds, text) => {
    expect(isoDuration(seconds)).toBe(text)
  })

  test('parses to the same number of seconds', () => {
    fc.assert(
      fc.property(fc.integer({ min: -366 * DAY, max: 366 * DAY }), (seconds) => {
        expect(parseDuration(isoDuration(seconds)) === seconds).toBe(true)
      }),
    )
  })
})
