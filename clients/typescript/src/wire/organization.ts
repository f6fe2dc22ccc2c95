// Organisation numbers, on the wire and as people write them.

/** Also those of Peppol, of Altinn's URNs and of VAT. */
const PREFIX = '(?:(?:iso6523-actorid-upis::)?0192:|urn:altinn:organization:identifier-no:|NO[ -]?)?'
/** Three groups of three digits, all parted alike: `986252932`, `986 252 932`, `986.252.932`. */
const GROUPS = String.raw`(?<first>\d{3})(?<between>[ .,-]?)(?<second>\d{3})\k<between>(?<third>\d{3})`
/** Neither inside a word or a longer number, nor after the prefix of another country (`0007:`). */
const SPELLING = new RegExp(String.raw`(?<![\p{L}\d]|\d:)${PREFIX}${GROUPS}(?:[ -]?MVA)?(?![\p{L}\d])`, 'giu')

/** Text that is no organisation, or a number whose check digit is wrong. */
export type OrganizationFault = { text: string; fault: 'noOrganization' | 'checkDigit' }

/** The nine digits of each organisation in a text, each once and in the order of the text; and what is wrong in it. */
export type OrganizationList = { numbers: string[]; faults: OrganizationFault[] }

/**
 * The organisations in a list that was typed, or pasted from a sheet, in any spelling. Beside an organisation on the
 * same line words are ignored, such as its name; so is a line that heads the column.
 */
export function organizationsIn(text: string): OrganizationList {
  const numbers = new Set<string>()
  const faults: OrganizationFault[] = []
  for (const line of plain(text).split('\n')) {
    const found = [...line.matchAll(SPELLING)].map(digitsOf)
    for (const number of found) {
      if (hasCheckDigit(number)) numbers.add(number)
      else faults.push({ text: number, fault: 'checkDigit' })
    }
    const rest = line.replace(SPELLING, '\t').split(/[\t,;|]/)
    for (const piece of rest.map(trimmed).filter(Boolean)) {
      if (found.length > 0 ? isNumber(piece) : !isHeading(line)) faults.push({ text: piece, fault: 'noOrganization' })
    }
  }
  return { numbers: [...numbers], faults }
}

/** Whether the last of nine digits fits the others: modulus 11, with the weights 3 2 7 6 5 4 3 2. */
export function hasCheckDigit(number: string): boolean {
  const sum = [3, 2, 7, 6, 5, 4, 3, 2, 1].reduce((all, weight, index) => all + weight * Number(number[index]), 0)
  return sum % 11 === 0
}

/** `0192:` and the nine digits of an organisation in any spelling; any other text unchanged. */
export function partyOf(organization: string): string {
  const [match] = plain(organization).trim().matchAll(SPELLING)
  return match && match[0] === plain(organization).trim() ? `0192:${digitsOf(match)}` : organization
}

/** The nine digits of `0192:991825827`. */
export const organizationNumber = (party: string): string => party.split(':').at(-1) ?? party

const digitsOf = ({ groups: { first, second, third } = {} }: RegExpMatchArray) => `${first}${second}${third}`

/** With plain digits, hyphens and single spaces, and without what cannot be seen. */
const plain = (text: string) =>
  text
    .normalize('NFKC')
    .replace(/\p{Cf}/gu, '')
    .replace(/\p{Pd}/gu, '-')
    .replace(/\r\n?|[\v\f\u2028\u2029]/g, '\n')
    .replace(/[^\S\t\n]+/g, ' ')

const trimmed = (piece: string) => piece.replace(/^[\s"'():.*-]+|[\s"'():.*-]+$/g, '')

/** A mistyped number, rather than a name or an address. */
const isNumber = (piece: string) => /\d/.test(piece) && (!/\p{L}/u.test(piece) || /\d(?:[ .-]?\d){6}/.test(piece))

const isHeading = (line: string) => /\borg(?:anisasjons|ani[sz]ation|\.)? ?(?:nr|nummer|no|number)\b[^\d]*$/i.test(line)
