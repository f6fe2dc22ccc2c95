import { err, ok, type Result } from './result.js'

/** A part of a file: positions of its first and its last byte. */
export type ByteRange = { first: number; last: number }

const SINGLE_RANGE = /^bytes=\s*(\d*)\s*-\s*(\d*)\s*$/i

/**
 * The part of a file of `sizeBytes` that a `Range` header asks for. Undefined is the whole file, also for a header that
 * cannot be parsed.
 */
export function byteRange(
  header: string | undefined,
  sizeBytes: number,
): Result<ByteRange | undefined, 'InvalidByteRange'> {
  const [, from = '', to = ''] = SINGLE_RANGE.exec(header ?? '') ?? []
  if (from === '' && to === '') return ok(undefined)
  if (from === '') {
    // RFC 9110 §14.1.2: a suffix longer than the file means the whole file; one of no bytes is not satisfiable.
    const suffix = Math.min(Number(to), sizeBytes)
    return suffix === 0 ? err('InvalidByteRange') : ok({ first: sizeBytes - suffix, last: sizeBytes - 1 })
  }
  const first = Number(from)
  const last = to === '' ? sizeBytes - 1 : Number(to)
  if (to !== '' && last < first) return ok(undefined) // RFC 9110 §14.1.1: invalid, hence ignored
  return first >= sizeBytes ? err('InvalidByteRange') : ok({ first, last: Math.min(last, sizeBytes - 1) })
}

/** The `Range` header if `If-Range` allows it for the file with this quoted ETag; undefined otherwise. */
export const applicableRange = (range: string | undefined, ifRange: string | undefined, etag: string) =>
  // RFC 9110 §13.1.5: strong comparison. Broker sends no `Last-Modified`, so that no date matches.
  ifRange === undefined || ifRange.trim() === etag ? range : undefined
