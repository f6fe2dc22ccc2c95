import { abortable } from './abortable.js'

/** A body that is longer than it may be. */
export const TOO_LONG = Symbol('too long')
/** A body that is no text in UTF-8. */
export const NOT_UTF8 = Symbol('not UTF-8')

/** The body of a request as the Functions host streams it; null: there is none. */
export type Body = ReadableStream<Uint8Array> | null

/**
 * The chunks of a request body. When the reader stops early, the rest is discarded: the Functions host gives up on an
 * answer whose request body is half read. (A body that was never read may stay unread.)
 */
export async function* chunksOf(body: Body): AsyncGenerator<Uint8Array> {
  const reader = body?.getReader()
  if (!reader) return
  let isAtEnd = false
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((error: unknown) => {
        isAtEnd = true
        throw error
      })
      isAtEnd = done
      if (done) return
      yield value
    }
  } finally {
    if (!isAtEnd) void discard(reader)
  }
}

async function discard(reader: ReadableStreamDefaultReader<Uint8Array>) {
  try {
    while (!(await reader.read()).done);
  } catch {
    // The client has disconnected: there is nothing left to discard.
  }
}

/** A body as text, at most `maxBytes` of it. */
export async function textOf(body: Body, maxBytes: number): Promise<string | typeof TOO_LONG | typeof NOT_UTF8> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of chunksOf(body)) {
    length += chunk.length
    if (length > maxBytes) return TOO_LONG
    chunks.push(chunk)
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks)) // a byte order mark is skipped
  } catch {
    return NOT_UTF8
  }
}

/**
 * The bytes of a file as they come, until the instance shuts down; undefined length: the client does not declare it.
 */
export function fileOf(request: { headers: Pick<Headers, 'get'>; body: Body }, shutdown: AbortSignal | undefined) {
  const length = request.headers.get('content-length')
  return {
    body: abortable(shutdown, chunksOf(request.body)),
    declaredBytes: length === null ? undefined : Number(length),
  }
}
