import { encodeExtended, format } from 'content-disposition'

/**
 * The `Content-Disposition` of a file under its name: in ASCII with `_` for every other character, and in full (RFC
 * 6266, RFC 8187).
 */
export function attachment(fileName: string): string {
  const name = fileName.toWellFormed()
  const ascii = name.replace(/[^\x20-\x7e]/g, '_')
  return format({ type: 'attachment', parameters: { filename: ascii, 'filename*': encodeExtended(name) } })
}
