type Headers = { get(name: string): string | null }

/** The members of a header that is a list, in lower case. */
const listIn = (headers: Headers, name: string): string[] =>
  (headers.get(name) ?? '')
    .split(',')
    .map((member) => member.trim().toLowerCase())
    .filter((member) => member !== '')

const hasOther = (headers: Headers, name: string, known: readonly string[]) =>
  listIn(headers, name).some((member) => !known.includes(member))

/** What a 415 for a coded body bears (RFC 9110 §12.5.3). */
export const UNCODED = { 'accept-encoding': 'identity' }

/** RFC 2045 §6.2: these leave the bytes as they are. */
const UNCHANGED = ['7bit', '8bit', 'binary']

/** Whether a body comes in a coding, by its `Content-Encoding` (RFC 9110 §8.4). */
export const isCoded = (headers: Headers): boolean => hasOther(headers, 'content-encoding', ['identity'])

/** Whether a body, or a part of a form, is encoded for a transport that does not take all bytes. */
const isTransferEncoded = (headers: Headers): boolean => hasOther(headers, 'content-transfer-encoding', UNCHANGED)

/** The refusal of an upload, whose headers name the codings that are accepted. */
export type RefusedBytes = { status: 400 | 415; detail: string; headers: Record<string, string> }

/** Why the bytes of an upload are not those of its file, by its headers. They would be stored as they come. */
export function refusedBytes(headers: Headers): RefusedBytes | undefined {
  const refused = (detail: string) => ({ status: 400 as const, detail, headers: {} })
  if (isCoded(headers)) {
    return {
      status: 415,
      detail: 'Send the bytes of the file as they are, without Content-Encoding.',
      headers: UNCODED,
    }
  }
  if (isTransferEncoded(headers)) return refused('Send the bytes of the file without Content-Transfer-Encoding.')
  if (hasOther(headers, 'transfer-encoding', ['chunked', 'identity'])) {
    return refused('Send the bytes of the file in no other Transfer-Encoding than chunked.')
  }
  // RFC 9110 §14.4: it would be a part of a file that is stored as a whole.
  if (headers.get('content-range') !== null) return refused('Content-Range is not for uploads. Send parts by TUS.')
  return undefined
}
