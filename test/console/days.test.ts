import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { dayIn, dayText } from '../../clients/console/src/format/days.js'

describe('a day that is typed', () => {
  test.each([
    '3.11.2026',
    '03.11.2026',
    ' 3. 11. 2026 ',
    '03/11/2026',
    '3-11-2026',
    '3 11 26',
    '03112026',
    '2026-11-03',
  ])('is understood in either language: %s', (text) => {
    expect(dayIn(text)).toBe('2026-11-03')
  })

  test.each(['', '31.02.2026', '29.2.2027', '11/13/2026', '0.1.2026', '3.11', 'i går', '2026-11-3', '3.11.026'])(
    'is none: %s',
    (text) => {
      expect(dayIn(text)).toBeUndefined()
    },
  )

  test('is read again as it is shown', () => {
    const days = fc.date({ min: new Date('2000-01-01'), max: new Date('2999-12-31'), noInvalidDate: true })
    fc.assert(
      fc.property(days, fc.constantFrom('nb-NO', 'en-GB'), (date, locale) => {
        const iso = date.toISOString().slice(0, 10)
        expect(dayIn(dayText(iso, locale))).toBe(iso)
      }),
    )
  })
})
