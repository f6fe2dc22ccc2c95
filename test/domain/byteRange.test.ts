import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { applicableRange, byteRange } from '../../src/domain/byteRange.js'
import { err, ok } from '../../src/domain/result.js'

describe('a range of a file of 1000 bytes', () => {
  test.each([
    ['bytes=0-9', 0, 9],
    ['bytes=100-', 100, 999],
    ['bytes=-10', 990, 999],
    ['bytes=999-999', 999, 999],
    ['BYTES=0-0', 0, 0],
  ])('%s is honoured', (header, first, last) => {
    expect(byteRange(header, 1000)).toEqual(ok({ first, last }))
  })

  test.each(['bytes=990-1000', 'bytes=990-99999999999999999999'])('%s ends where the file ends', (header) => {
    expect(byteRange(header, 1000)).toEqual(ok({ first: 990, last: 999 }))
  })

  test('a suffix longer than the file is the whole file', () => {
    expect(byteRange('bytes=-1001', 1000)).toEqual(ok({ first: 0, last: 999 }))
  })

  test.each([
    '',
    'bytes',
    'bytes=',
    'bytes=-',
    'bytes=abc',
    'bytes=9-2',
    'bytes=2000-1999',
    'lines=0-9',
    'bytes=0-1,4-5',
  ])('%j is ignored: the whole file is returned', (header) => {
    expect(byteRange(header, 1000)).toEqual(ok(undefined))
  })

  test('no header at all is the whole file', () => {
    expect(byteRange(undefined, 1000)).toEqual(ok(undefined))
  })

  test.each(['bytes=1000-', 'bytes=1000-1001', 'bytes=99999999999999999999-', 'bytes=-0'])(
    '%s cannot be satisfied',
    (header) => {
      expect(byteRange(header, 1000)).toEqual(err('InvalidByteRange'))
    },
  )
})

describe('a range of an empty file', () => {
  test.each(['bytes=0-', 'bytes=0-0', 'bytes=-1', 'bytes=-0'])('%s cannot be satisfied', (header) => {
    expect(byteRange(header, 0)).toEqual(err('InvalidByteRange'))
  })
})

describe('any range', () => {
  const position = fc.option(fc.oneof(fc.nat(30), fc.nat()), { nil: '' })
  const header = fc.tuple(position, position).map(([from, to]) => `bytes=${from}-${to}`)

  test('that can be satisfied lies inside the file', () => {
    fc.assert(
      fc.property(header, fc.nat(40), (text, sizeBytes) => {
        const range = byteRange(text, sizeBytes)
        if (!range.ok || range.value === undefined) return
        expect(range.value.first).toBeGreaterThanOrEqual(0)
        expect(range.value.first).toBeLessThanOrEqual(range.value.last)
        expect(range.value.last).toBeLessThan(sizeBytes)
      }),
    )
  })

  test('that names its bounds begins where it says', () => {
    fc.assert(
      fc.property(fc.nat(999), fc.nat(2000), (first, more) => {
        const last = Math.min(first + more, 999)
        expect(byteRange(`bytes=${first}-${first + more}`, 1000)).toEqual(ok({ first, last }))
      }),
    )
  })

  test('in any text is either satisfied or ignored', () => {
    fc.assert(fc.property(fc.string(), fc.nat(), (text, sizeBytes) => void byteRange(text, sizeBytes)))
  })
})

describe('a range with If-Range', () => {
  test.each([undefined, '"0x1"', ' "0x1" '])('applies to the file with this ETag: %j', (ifRange) => {
    expect(applicableRange('bytes=0-9', ifRange, '"0x1"')).toBe('bytes=0-9')
  })

  test.each(['"0x2"', 'W/"0x1"', '0x1', '', '*', '"0x1", "0x2"', 'Mon, 02 Mar 2026 10:00:00 GMT'])(
    'is ignored for another ETag, a weak one, a date or anything else: %j',
    (ifRange) => {
      expect(applicableRange('bytes=0-9', ifRange, '"0x1"')).toBeUndefined()
    },
  )
})
