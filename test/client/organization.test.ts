import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hasCheckDigit, organizationsIn, partyOf } from '../../clients/typescript/src/wire/organization.js'

const FJORD = '986252932'
const NORDLYS = '910753614'

/** Organisations as Brønnøysund numbers them. */
const organization = fc
  .integer({ min: 10_000_000, max: 99_999_999 })
  .map((stem) => Array.from({ length: 10 }, (_, digit) => `${stem}${digit}`).find(hasCheckDigit))
  .filter((number) => number !== undefined)

const grouped = (number: string, between: string) => number.replace(/^(...)(...)/, `$1${between}$2${between}`)
const spelling = fc
  .tuple(
    fc.constantFrom('', '0192:', 'iso6523-actorid-upis::0192:', 'urn:altinn:organization:identifier-no:', 'NO ', 'no'),
    fc.constantFrom('', ' ', '\u00a0', '\u202f', '.', '-', '\u2011'),
    fc.constantFrom('', ' MVA', 'mva'),
  )
  .map(
    ([before, between, after]) =>
      (number: string) =>
        `${before}${grouped(number, between)}${after}`,
  )

describe('an organisation that was typed', () => {
  test.each([
    '986252932',
    '986 252 932',
    ' 986\u00a0252\u00a0932 ',
    '986.252.932',
    'NO 986 252 932 MVA',
    'NO986252932MVA',
    '0192:986252932',
    '0192:986 252 932',
    'iso6523-actorid-upis::0192:986252932',
    'urn:altinn:organization:identifier-no:986252932',
    'Org.nr. 986 252 932',
    'Org.nr:986252932',
    '"986252932"',
    '９８６２５２９３２',
    '\ufeff986252932\u200b',
    'Fjord Regnskap AS (986 252 932)',
  ])('is found in %j', (text) => {
    expect(organizationsIn(text)).toEqual({ numbers: [FJORD], faults: [] })
  })

  test.each([
    '12345678',
    '9918258270',
    '9999:991825827',
    'Digdir',
    'Orgelbygg',
    '98 62 52 932',
    '986252932x',
    'O86252932',
  ])('is not found in %s', (text) => {
    expect(organizationsIn(text)).toEqual({ numbers: [], faults: [{ text, fault: 'noOrganization' }] })
  })

  test('has a check digit', () => {
    const mistyped = '986252923'

    expect(organizationsIn(mistyped)).toEqual({ numbers: [], faults: [{ text: mistyped, fault: 'checkDigit' }] })
    fc.assert(
      fc.property(organization, fc.nat(8), fc.integer({ min: 1, max: 9 }), (number, at, more) => {
        const digit = (Number(number[at]) + more) % 10
        expect(hasCheckDigit(`${number.slice(0, at)}${digit}${number.slice(at + 1)}`)).toBe(false)
      }),
    )
  })

  test('is the same party in any spelling', () => {
    fc.assert(
      fc.property(organization, spelling, (number, spelled) => {
        expect(partyOf(spelled(number))).toBe(`0192:${number}`)
      }),
    )
  })

  test.each(['9999:991825827', 'Digdir 986252932', '986252932, 910753614', ''])('is no party in %j', (text) => {
    expect(partyOf(text)).toBe(text)
  })
})

describe('a list of organisations', () => {
  test('is the same in any spelling, parted by anything, each once', () => {
    const parting = fc.constantFrom(', ', ',', ';', '\t', '\n', '\r\n', ' ', ' | ')
    const list = fc.array(fc.tuple(organization, spelling, parting), { maxLength: 20 })

    fc.assert(
      fc.property(list, (items) => {
        const text = items.map(([number, spelled, parting]) => spelled(number) + parting).join('')
        const numbers = [...new Set(items.map(([number]) => number))]
        expect(organizationsIn(text)).toEqual({ numbers, faults: [] })
      }),
    )
  })

  test('comes from a sheet with a heading, names and addresses', () => {
    const sheet = [
      'Navn\tOrganisasjonsnummer\tPoststed',
      'Fjord Regnskap AS\t986 252 932\t5003 Bergen',
      '"Nordlys, Arkiv";NO 910 753 614 MVA;8006 Bodø',
      '',
    ].join('\r\n')

    expect(organizationsIn(sheet)).toEqual({ numbers: [FJORD, NORDLYS], faults: [] })
  })

  test('tells what is wrong in it', () => {
    const { numbers, faults } = organizationsIn(
      '986252932, 98625293\nDigdir\n910753614 12\n986252923\nA 98625293 B, 986252932',
    )

    expect(numbers).toEqual([FJORD, NORDLYS])
    expect(faults.map(({ text }) => text)).toEqual(['98625293', 'Digdir', '12', '986252923', 'A 98625293 B'])
  })

  test('loses no digits: each is of an organisation or of a fault, unless it stands among words', () => {
    const text = fc.string({ unit: fc.constantFrom('9', '1', ' ', '\n', ',', '.', ':'), maxLength: 60 })

    fc.assert(
      fc.property(text, (given) => {
        const { numbers, faults } = organizationsIn(given)
        const kept = new Set([...numbers, ...faults.map(({ text }) => text)].join('').match(/\d/g))
        expect(kept).toEqual(new Set(given.match(/\d/g)))
      }),
    )
  })

  test('is read in time that grows with its length', () => {
    const begun = performance.now()
    organizationsIn('986 252 93 '.repeat(20_000))
    organizationsIn('Fjord Regnskap AS '.repeat(20_000))
    expect(performance.now() - begun).toBeLessThan(5000)
  })
})
