import { parse } from 'content-disposition'
import { refusedBytes } from './contentCoding.js'
import { shown } from './inputErrors.js'

/**
 * A part of a form: its name, its file name and the charset of its content type where it has them, and its bytes, to be
 * read before the next part.
 */
export type FormPart = {
  name: string
  fileName: string | undefined
  charset: string | undefined
  content: AsyncIterable<Uint8Array>
}

const MAX_HEADER_BYTES = 8 * 1024
const MAX_HEADERS = 32
const DELIMITER = Symbol('delimiter')
type Piece = Buffer | typeof DELIMITER

/**
 * What may follow a delimiter, or the beginning of it: blanks and a line end, after `--` where it is the closing one
 * (RFC 2046 §5.1.1).
 */
const AFTER_DELIMITER = /^(?:[ \t]*(?:\r\n|\r?$)|-(?:$|-[ \t]*(?:\r?\n|\r?$)))/
const CLOSING = /^--[ \t]*\r?\n/
const HEADER = /^([\w!#$%&'*+.^`|~-]+):([^\0\r\n]*)$/

/** The boundary that a `Content-Type` names; undefined where it names none that can be one. */
export function boundaryIn(contentType: string): string | undefined {
  const { boundary = '' } = parse(contentType).parameters // the two headers have one grammar
  return /^[\x20-\xff]{1,200}$/.test(boundary) ? boundary : undefined
}

/**
 * The parts of a multipart/form-data body (RFC 7578), as they come. It ends well only when the whole form has been
 * read.
 * @throws for a form that breaks off, or that could be read in more than one way, with what is wrong in words.
 */
export async function* parseMultipart(boundary: string, body: AsyncIterable<Uint8Array>): AsyncGenerator<FormPart> {
  const pieces = splitAtDelimiter(Buffer.from(`\r\n--${boundary}`, 'latin1'), withLeadingLineEnd(body))
  const next = async (): Promise<Piece> => {
    const { done, value } = await pieces.next()
    if (done) throw endsEarly()
    return value
  }
  try {
    while ((await next()) !== DELIMITER); // the preamble
    for (;;) {
      const start = await readHead(pieces)
      if (!start) break
      let piece: Piece = start.rest
      const content = async function* () {
        for (; piece !== DELIMITER; piece = await next()) yield piece
      }
      yield { ...parseHeaders(start.head), content: content() }
      while (piece !== DELIMITER) piece = await next() // what is unread of it
    }
    for await (const piece of pieces) if (piece === DELIMITER) throw new Error('The form goes on after its end.')
  } finally {
    await pieces.return(undefined)
  }
}

/** The headers of the part after a delimiter, and the first bytes after them; undefined after the closing delimiter. */
async function readHead(pieces: AsyncIterator<Piece>): Promise<{ head: string; rest: Buffer } | undefined> {
  for (let text = ''; ; ) {
    const { done, value: piece } = await pieces.next()
    if (done && /^--[ \t]*$/.test(text)) return undefined // the closing delimiter may end the body
    if (done) throw endsEarly()
    if (piece === DELIMITER) throw new Error('A delimiter of the form follows another, with no part between them.')
    const before = text.length
    text += piece.toString('latin1')
    if (!AFTER_DELIMITER.test(text))
      throw new Error('A delimiter of the form has other text after it in its line, which ends with CR LF.')
    if (CLOSING.test(text)) return undefined
    const end = text.indexOf('\r\n\r\n')
    if (Math.max(end, text.length - piece.length) > MAX_HEADER_BYTES) {
      throw new Error(`The headers of a part are at most ${MAX_HEADER_BYTES} bytes.`)
    }
    if (end !== -1) return { head: text.slice(text.indexOf('\r\n') + 2, end), rest: piece.subarray(end + 4 - before) }
  }
}

/** What the headers of a part say of it. */
function parseHeaders(head: string): Omit<FormPart, 'content'> {
  const lines = head.replace(/\r\n[ \t]+/g, ' ').split('\r\n') // RFC 5322 §2.2.3: a folded header
  if (lines.length > MAX_HEADERS) throw new Error(`A part has at most ${MAX_HEADERS} headers.`)
  const headers = new Map<string, string>()
  for (const line of head === '' ? [] : lines) {
    const [, name = '', value = ''] = HEADER.exec(line) ?? []
    if (name === '') throw new Error('The headers of a part are not headers.')
    if (headers.has(name.toLowerCase())) throw new Error(`A part has the header ${shown(name)} more than once.`)
    headers.set(name.toLowerCase(), Buffer.from(value, 'latin1').toString().trim())
  }
  const { type, parameters } = parse(headers.get('content-disposition') ?? '')
  const { name, filename } = parameters
  if (type !== 'form-data' || name === undefined) {
    throw new Error('Each part of a form has a Content-Disposition: form-data; name="…".')
  }
  const all = { get: (header: string) => headers.get(header) ?? null }
  const refused = refusedBytes(all)
  if (refused) throw new Error(`A part of the form cannot be taken. ${refused.detail}`)
  return { name, fileName: filename, charset: parse(headers.get('content-type') ?? '').parameters.charset }
}

const endsEarly = () => new Error('The form breaks off: its closing delimiter is missing.')

/** The first delimiter may begin the body. */
async function* withLeadingLineEnd(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield Buffer.from('\r\n')
  yield* body
}

/** The bytes between the delimiters, and these, wherever the chunks are cut. */
async function* splitAtDelimiter(delimiter: Buffer, chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Piece> {
  let rest: Buffer = Buffer.alloc(0)
  for await (const chunk of chunks) {
    const bytes =
      rest.length > 0 ? Buffer.concat([rest, chunk]) : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length)
    let at = 0
    for (let found = bytes.indexOf(delimiter); found !== -1; found = bytes.indexOf(delimiter, at)) {
      if (found > at) yield bytes.subarray(at, found)
      yield DELIMITER
      at = found + delimiter.length
    }
    const end = partialDelimiterAt(delimiter, bytes, at)
    if (end > at) yield bytes.subarray(at, end)
    rest = bytes.subarray(end)
  }
  if (rest.length > 0) yield rest
}

/** Where a delimiter begins at the end of these bytes, if the next ones are the rest of it; else their end. */
function partialDelimiterAt(delimiter: Buffer, bytes: Buffer, from: number): number {
  for (let at = Math.max(from, bytes.length - delimiter.length + 1); at < bytes.length; at++) {
    if (bytes[at] === delimiter[0] && bytes.subarray(at).equals(delimiter.subarray(0, bytes.length - at))) return at
  }
  return bytes.length
}
