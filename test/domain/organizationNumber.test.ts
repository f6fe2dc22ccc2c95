import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseOrganizationNumber, withPrefix } from '../../src/domain/organizationNumber.js'
import { kari } from '../support/builders.js'

describe('an organisation number', () => {
  test.each(['986252932', '0192:986252932', '9999:986252932', 'urn:altinn:organization:identifier-no:986252932'])(
    'is known as %s',
    (text) => {
      expect(parseOrganizationNumber(text)).toBe('986252932')
    },
  )

  test.each([
    '',
    '98625293',
    '9862529321',
    '192:986252932',
    '0192:',
    '0192:98625293x',
    '0192:0192:986252932',
    ' 986252932',
    '986252932\n',
    'urn:altinn:party:986252932',
    '٩٨٦٢٥٢٩٣٢',
  ])('is not %j', (text) => {
    expect(parseOrganizationNumber(text)).toBeUndefined()
  })

  test('is written with the prefix for Norway', () => {
    expect(withPrefix(kari)).toBe('0192:986252932')
  })

  test('is the same after writing and parsing', () => {
    const digits = fc.array(fc.nat(9), { minLength: 9, maxLength: 9 }).map((each) => each.join(''))

    fc.assert(
      fc.property(digits, (text) => {
        const number = parseOrganizationNumber(text)
        expect(number && parseOrganizationNumber(withPrefix(number))).toBe(text)
      }),
    )
  })
})
