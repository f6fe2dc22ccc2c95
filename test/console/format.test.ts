import { describe, expect, test } from 'vitest'
import { durationText, organizationText, percentText, sizeText } from '../../clients/console/src/format/numbers.js'
import { paceOf, steadySeconds } from '../../clients/console/src/state/sending/upload/pace.js'
import { organizationNumber } from '../../clients/typescript/src/wire/organization.js'

/** With usual spaces instead of those that do not break. */
const plain = (text: string) => text.replace(/[\u00a0\u202f]/g, ' ')

describe('what is written for people', () => {
  test.each([
    [0, '0 B'],
    [1023, '1 023 B'],
    [1024, '1 KiB'],
    [50 * 2 ** 20, '50 MiB'],
    [1.5 * 2 ** 40, '1,5 TiB'],
  ])('the size of %i bytes', (bytes, text) => {
    expect(plain(sizeText(bytes, 'nb-NO'))).toBe(text)
  })

  test('a part, which is never all before all is there', () => {
    expect(plain(percentText(999, 1000, 'nb-NO'))).toBe('99 %')
    expect(percentText(1000, 1000, 'en-GB')).toBe('100%')
    expect(percentText(0, 0, 'en-GB')).toBe('100%')
  })

  test.each([
    [0.2, '1 sec'],
    [65, '1 min 5 secs'],
    [3700, '1 hr 1 min'],
  ])('the time of %d seconds', (seconds, text) => {
    expect(plain(durationText(seconds, 'en-GB'))).toBe(text)
  })

  test('organisations', () => {
    expect(plain(organizationText(organizationNumber('0192:991825827')))).toBe('991 825 827')
    expect(organizationNumber('991825827')).toBe('991825827')
  })
})

describe('the pace of a sending', () => {
  test('is unknown in the first second', () => {
    const pace = paceOf()

    expect(pace.bytesPerSecond(0, 0)).toBeUndefined()
    expect(pace.bytesPerSecond(900, 500)).toBeUndefined()
    expect(pace.bytesPerSecond(1000, 500)).toBe(500)
  })

  test('is smoothed: a second without bytes slows it a little, and it stays steady while the bytes come in bursts', () => {
    const pace = paceOf()
    for (let second = 0; second <= 60; second++) pace.bytesPerSecond(second * 1000, second * 500)

    expect(pace.bytesPerSecond(61_000, 30_000)).toBeCloseTo(500 * Math.exp(-1 / 8))
    const reported = Array.from({ length: 60 }, (_, index) => {
      const second = 62 + index
      return pace.bytesPerSecond(second * 1000, 30_000 + 2000 * Math.floor((index + 1) / 4)) ?? 0
    })
    expect(Math.min(...reported.slice(30))).toBeGreaterThan(350)
    expect(Math.max(...reported.slice(30))).toBeLessThan(700)
  })

  test('is never negative', () => {
    const pace = paceOf()
    pace.bytesPerSecond(0, 100)

    expect(pace.bytesPerSecond(1000, 0)).toBe(0)
  })

  test.each([
    [0.2, 1],
    [9.1, 10],
    [41, 45],
    [123, 130],
    [3000, 3000],
    [3001, 3060],
    [7300, 7500],
  ])('gives a time left that does not jump: %s s are %s', (seconds, steady) => {
    expect(steadySeconds(seconds)).toBe(steady)
  })
})
