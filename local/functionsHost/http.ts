import type { IncomingMessage, ServerResponse } from 'node:http'
import { ReadableStream, type ReadableStreamDefaultReader } from 'node:stream/web'
import { setTimeout as pause } from 'node:timers/promises'
import { waitForDrain } from '../../src/http/serving/waitForDrain.js'
import { refuse, withoutOrigin } from './hostLimits.js'
import type { Host } from './invocation.js'

type LibraryResponse = {
  status: number
  headers: Iterable<[string, string]>
  body: ReadableStream | null
  cookies: unknown[]
}

/** What is used of the app's own `@azure/functions`. Its request accepts a web request, which its types omit. */
export type HttpLibrary = {
  HttpRequest: new (init: { nativeRequest: Request; params: Record<string, string> }) => object
  HttpResponse: new (init: unknown) => LibraryResponse
}

/** Whether the function waits for more of the body at this moment. */
type Reading = { isWanted: boolean }

const HOP_BY_HOP = new Set(['connection', 'keep-alive', 'transfer-encoding', 'upgrade'])

/** The request as a function gets it, and how far it is with the body, which streams however it is framed. */
export function httpRequest(
  { library }: Host,
  request: IncomingMessage,
  values: Record<string, string>,
  limit: number,
) {
  const url = new URL(`http://${request.headers.host}${withoutOrigin(request.url ?? '/')}`)
  const headers = new Headers()
  for (const [name, all] of Object.entries(request.headersDistinct)) {
    for (const value of all ?? []) headers.append(name, value)
  }
  const method = request.method ?? 'GET'
  // A stream is taken as it is; of what can only be iterated every chunk is copied.
  const reading: Reading = { isWanted: false }
  const body = method === 'GET' || method === 'HEAD' ? null : ReadableStream.from(bodyOf(request, limit, reading))
  const nativeRequest = new Request(url, { method, headers, ...(body && { body, duplex: 'half' as const }) })
  return { input: new library.HttpRequest({ nativeRequest, params: paramsOf(url, values) }), reading }
}

/** As on the real host, the query is among the parameters, and its spelling of a name wins over the route's. */
function paramsOf(url: URL, values: Record<string, string>): Record<string, string> {
  const params = Object.fromEntries(url.searchParams)
  for (const [name, value] of Object.entries(values)) {
    const spelled = Object.keys(params).find((key) => key.toLowerCase() === name.toLowerCase())
    params[spelled ?? name] = value
  }
  return params
}

/**
 * The body, pulled by its reader. A reader that stops early does not close the connection.
 * @throws ECONNRESET when the client disconnects.
 */
async function* bodyOf(request: IncomingMessage, limit: number, reading: Reading): AsyncGenerator<Uint8Array> {
  let bytes = 0
  reading.isWanted = true
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      bytes += chunk.length
      if (bytes > limit) throw new Error(`The request body is larger than ${limit} bytes.`)
      reading.isWanted = false
      yield chunk
      reading.isWanted = true
    }
  } finally {
    reading.isWanted = false
  }
}

/** Sends what the function returned. Resolves when the client has it all, or is gone. */
export async function answer(
  { library, log }: Host,
  request: IncomingMessage,
  response: ServerResponse,
  result: unknown,
  { invocationId, reading }: { invocationId: string; reading: Reading },
): Promise<void> {
  if (result === undefined || result === null) {
    log('error', `${request.method} ${request.url}: no response. In stream mode the Functions host never answers this.`)
    response.writeHead(204).end()
    return
  }
  const { status, headers, body, cookies } =
    result instanceof library.HttpResponse ? result : new library.HttpResponse(result)
  if (cookies.length > 0) throw new Error('The local host has no cookies.')
  if (await isLeftHalfRead(request, reading)) {
    log('error', `${request.method} ${request.url}: ${HALF_READ}`)
    await body?.cancel()
    return refuse(response, 500)
  }
  if (response.headersSent || response.destroyed) return void (await body?.cancel()) // the client has disconnected
  response.statusCode = status
  for (const [name, value] of headers) if (!HOP_BY_HOP.has(name)) response.setHeader(name, value)
  response.setHeader('x-ms-invocation-id', invocationId)
  cutWhenHalfRead(log, request, response)
  if (!body || request.method === 'HEAD') {
    await body?.cancel()
    await declaredBodyHasCome(request)
    if (!response.headersSent) response.end()
    return
  }
  const bytes = await send(body, request, response)
  // As on the real host: a client sees that a body which ended early is not whole.
  if (bytes < Number(response.getHeader('content-length') ?? 0)) request.socket.destroy()
}

/**
 * Sends a body with backpressure, and returns the number of bytes. Cancelled when it fails or when the client is gone.
 */
async function send(body: ReadableStream, request: IncomingMessage, response: ServerResponse): Promise<number> {
  const reader: ReadableStreamDefaultReader<Uint8Array> = body.getReader()
  response.once('close', () => void reader.cancel().catch(() => {}))
  let bytes = 0
  try {
    let next = await reader.read() // it may read the request
    await declaredBodyHasCome(request)
    for (; !next.done && !response.writableEnded; next = await reader.read()) {
      bytes += next.value.length
      response.write(next.value)
      await waitForDrain(response)
    }
  } catch (error) {
    response.destroy()
    throw error
  }
  response.end()
  return bytes
}

const HALF_READ = 'answered with the body half read. Read it to the end, or not at all.'
const HALF_READ_MS = 8000

/** Whether a function has started to read the body and then left it, which makes the real host answer 500 after 8 s. */
async function isLeftHalfRead(request: IncomingMessage, reading: Reading): Promise<boolean> {
  const isLeft = () => request.readableDidRead && !reading.isWanted && !request.complete && !request.destroyed
  for (const end = Date.now() + HALF_READ_MS; isLeft(); await pause(50)) if (Date.now() > end) return true
  return false
}

/**
 * The real host reads a body with a length before it calls the function, so an answer that does not need the body still
 * comes after all of it.
 */
async function declaredBodyHasCome(request: IncomingMessage): Promise<void> {
  if (request.headers['content-length'] === undefined || request.readableDidRead || request.complete) return
  await new Promise<void>((done) => request.once('end', done).once('close', done).resume())
}

/** A body whose rest is no longer thrown away once the answer is sent breaks the connection. */
function cutWhenHalfRead(log: Host['log'], request: IncomingMessage, response: ServerResponse) {
  let read = -1
  const check = () => {
    if (request.complete || request.destroyed) return
    if (request.socket.bytesRead > read) return watch() // what is not wanted is being thrown away
    log('error', `${request.method} ${request.url}: ${HALF_READ}`)
    request.destroy()
  }
  const watch = () => {
    read = request.socket.bytesRead
    setTimeout(check, 1000).unref()
  }
  response.once('finish', () => request.readableDidRead && watch())
}
