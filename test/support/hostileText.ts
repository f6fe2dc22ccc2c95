import fc from 'fast-check'

/** Texts that break a line, a cell or a name: control, format, bidi and line characters, and half surrogate pairs. */
const HOSTILE = [
  '\0',
  '\x07',
  '\b',
  '\t',
  '\n',
  '\r',
  '\x1b',
  '\x1b[2K',
  '\x1b]0;x\x07',
  '\x7f',
  '\x85',
  '\x9b',
  '\u00ad',
  '\u061c',
  '\u200b',
  '\u200d',
  '\u200e',
  '\u200f',
  '\u2028',
  '\u2029',
  '\u202a',
  '\u202e',
  '\u2060',
  '\u2066',
  '\u2069',
  '\ufeff',
  '\u{e0041}',
  '\ud800',
  '\udc00',
  '\r\n',
]

const character = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom(...HOSTILE) },
  { weight: 3, arbitrary: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 3 }) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)) },
)

/** A text of a stranger. */
export const hostileText = fc.array(character, { maxLength: 12 }).map((parts) => parts.join(''))
