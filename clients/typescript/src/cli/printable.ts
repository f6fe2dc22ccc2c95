/** Control characters, format characters (bidi, zero-width), line and paragraph separators, and halves of characters. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu

/** The text in one line that a terminal shows as it is: what it would obey or hide is written as `\u{1b}`. All that people read goes through it. */
export const printable = (text: string): string =>
  text.replace(UNPRINTABLE, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`)
