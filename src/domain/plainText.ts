/** A text from outside on one line: at most `maxLength` long, without control, format and line characters. */
export const plainText = (text: string, maxLength: number): string =>
  text.slice(0, maxLength).replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '')
