import type { Operation } from '../contract/operation.js'

type Headers = { get(name: string): string | null }

/** The media type that a request declares, in lower case and without parameters; undefined when there is none. */
export const mediaTypeOf = (headers: Headers): string | undefined =>
  headers.get('content-type')?.split(';')[0]?.trim().toLowerCase() || undefined

/**
 * A content type that is refused before any other check (spec 3.5). No content type at all is accepted, but for a form.
 */
export const isUnsupported = ({ consumes }: Operation, mediaType: string | undefined): boolean =>
  consumes !== undefined && mediaType !== consumes && (mediaType !== undefined || consumes === 'multipart/form-data')

/** RFC 9110 §12.4.2: what has this weight is not acceptable. */
const NO_WEIGHT = /;[ \t]*q=0(\.0{0,3})?[ \t]*(;|$)/i

/** Spec 3.4: the declared type or any; wildcards of a type do not count, and an empty header accepts nothing. */
export function isAccepted(accept: string | null, produced: string): boolean {
  if (accept === null) return true
  const ranges = accept.split(',').filter((range) => !NO_WEIGHT.test(range))
  const accepted = ranges.map((range) => range.split(';')[0]?.trim().toLowerCase())
  return accepted.some((range) => range === produced || range === '*/*')
}
