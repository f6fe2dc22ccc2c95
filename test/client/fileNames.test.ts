import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fileNameFor, foldedName, numbered, partNameFor } from '../../clients/typescript/src/node/fileNames.js'
import { hostileText } from '../support/hostileText.js'

const ID = '4a1f7a50-3f0b-4e53-9d4a-6f1d6a7a2b11'
const RESERVED_STEMS = ['CON', 'prn', 'Aux', 'NUL', 'COM0', 'com1', 'LPT9', 'COM¹', 'lpt³', 'CONIN$', 'conout$']

/** Names of files: any text, with more of what file systems refuse than chance would give. */
const sentName = fc
  .array(
    fc.oneof(
      hostileText,
      fc.constantFrom(...RESERVED_STEMS, '.', '..', ' ', '/', '\\', '.txt', '.pdf', `.${ID}.part`, '\u00a0'),
      fc.constantFrom('x', 'æ', '字', '😀', ' ', '.').chain((each) => fc.nat(400).map((count) => each.repeat(count))),
    ),
    { maxLength: 6 },
  )
  .map((parts) => parts.join(''))

const bytesOf = (text: string) => Buffer.byteLength(text)

describe('the name of a received file', () => {
  test.each([
    ['søknad æøå.pdf', 'søknad æøå.pdf'],
    ['../../etc/passwd', 'passwd'],
    ['C:\\temp\\a.txt', 'a.txt'],
    ['a\nb:c', 'a_b_c'],
    ['..', '_'],
    ['', '_'],
    ['.bashrc', '_.bashrc'],
    ['report.pdf. ', 'report.pdf'],
    [' report.pdf', 'report.pdf'],
    ['aux.txt', '_aux.txt'],
    ['NUL', '_NUL'],
    ['con .tar.gz', '_con .tar.gz'],
    ['console.log', 'console.log'],
    ['invoice\u202efdp.exe', 'invoice_fdp.exe'],
    ['a\u2028b\ud800c\u200bd', 'a_b_c_d'],
    [`${'x'.repeat(300)}.pdf`, `${'x'.repeat(251)}.pdf`],
    [`${'字'.repeat(100)}.tar.gz`, `${'字'.repeat(84)}.gz`],
    [`a.${'x'.repeat(300)}`, `a.${'x'.repeat(253)}`],
    [`con${' '.repeat(300)}x`, '_con'],
    [`a.txt.${ID}.part`, `a.txt.${ID}_part`],
  ])('is one that a disk takes: %j', (sent, written) => {
    expect(fileNameFor(sent)).toBe(written)
  })

  test('is taken by every disk, whatever was sent', () => {
    fc.assert(
      fc.property(sentName, (sent) => {
        const name = fileNameFor(sent)

        expect(name).not.toBe('')
        expect(bytesOf(name)).toBeLessThanOrEqual(255)
        expect(name).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}<>:"/\\|?*]/u)
        expect(name).not.toMatch(/^[\s.]|[\s.]$/u)
        expect(name).not.toMatch(/\.[0-9a-f-]{36}\.part$/i)
        expect(RESERVED_STEMS.map((each) => each.toLowerCase())).not.toContain(
          name.split('.')[0]?.trimEnd().toLowerCase(),
        )
        expect(fileNameFor(name)).toBe(name)
      }),
      { numRuns: 2000 },
    )
  })

  test('keeps the extension, however long the rest is', () => {
    const stem = fc.oneof(
      hostileText,
      fc.nat(300).map((count) => `字${'x'.repeat(count)}`),
    )
    fc.assert(
      fc.property(stem, fc.constantFrom('.pdf', '.xml', '.æøå', '.json5'), (stem, extension) => {
        expect(fileNameFor(`a${stem}a${extension}`).endsWith(extension)).toBe(true)
      }),
    )
  })
})

describe('a name beside another', () => {
  test('leaves room for what is added, and keeps the extension', () => {
    fc.assert(
      fc.property(sentName, fc.integer({ min: 2, max: 99_999 }), (sent, number) => {
        const name = fileNameFor(sent)
        const [part, other] = [partNameFor(name, ID), numbered(name, number)]

        expect(part.endsWith(`.${ID}.part`)).toBe(true)
        expect(Math.max(bytesOf(part), bytesOf(other))).toBeLessThanOrEqual(255)
        expect(other).not.toBe(name)
        expect(fileNameFor(other)).toBe(other)
      }),
      { numRuns: 1000 },
    )
    expect(numbered('report.pdf', 2)).toBe('report (2).pdf')
    expect(numbered(`${'x'.repeat(251)}.pdf`, 12)).toBe(`${'x'.repeat(246)} (12).pdf`)
  })

  test('has an id before its extension, and is that of no other', () => {
    fc.assert(
      fc.property(sentName, sentName, (sent, other) => {
        const name = fileNameFor(sent, ID)

        expect(bytesOf(name)).toBeLessThanOrEqual(255)
        expect(name).toContain(` ${ID}`)
        expect(fileNameFor(name)).toBe(name)
        expect(name).not.toBe(fileNameFor(other, ID.replace('7', '8')))
      }),
      { numRuns: 1000 },
    )
    expect(fileNameFor('report.pdf', ID)).toBe(`report ${ID}.pdf`)
  })

  test('is known to be the same where case or accents do not count', () => {
    expect(foldedName('RÉSUMÉ.pdf')).toBe(foldedName('re\u0301sume\u0301.PDF'))
    expect(foldedName('a.pdf')).not.toBe(foldedName('b.pdf'))
  })
})
