import { describe, expect, test } from 'vitest'
import { durationText, organizationText, percentText, sizeText } from '../../clients/console/src/format/numbers.js'
import { paceOf } from '../../clients/console/src/state/sending/pace.js'
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
  test('is what went in the last ten seconds', () => {
    const pace = paceOf()

    expect(pace.bytesPerSecond(0, 0)).toBeUndefined()
    expect(pace.bytesPerSecond(1000, 500)).toBe(500)
    expect(pace.bytesPerSecond(9000, 900)).toBe(100)
    expect(pace.bytesPerSecond(11_000, 1900)).toBe(500)
  })

  test('is unknown while no bytes are transferred', () => {
    const pace = paceOf()

    pace.bytesPerSecond(0, 100)

    expect(pace.bytesPerSecond(1000, 100)).toBeUndefined()
  })
})
