import { isUtf8 } from 'node:buffer'
import { type IncomingMessage, maxHeaderSize, type Server, type ServerResponse } from 'node:http'
import type { Log } from './core.js'

// What the real host refuses before it looks for a function, and what it forwards to the worker without an answer
// (docs/upstream/invocations-that-never-end.md).

/** The real host refuses more bytes of headers than these, with 431. */
const HOST_HEADER_BYTES = 32_768
/** What the real host adds to the headers that it forwards: its invocation id, x-forwarded-…, a trace parent. */
const FORWARDING_BYTES = 300

/** What the worker behind the host refuses by itself. */
export type Worker = { maxHeaderBytes: number; refusedExpectations: WeakSet<IncomingMessage> }

/**
 * Applies the real host's limit to a listening server. Returns the limit of the worker: what the app has set on the
 * server, as it would on the worker's own, or else the limit that the process was started with.
 */
export function separateLimits(server: Server & { maxHeaderSize?: number }): number {
  const { maxHeaderSize: ofWorker = maxHeaderSize } = server
  server.maxHeaderSize = HOST_HEADER_BYTES // taken for each new connection
  return ofWorker
}

/** The path that is asked for, whatever the form of the target. */
export const pathOf = (target = '/') => withoutOrigin(target).split('?', 1)[0] ?? ''

/** The path and the query of a target, which may be a whole address. */
export function withoutOrigin(target: string): string {
  const path = target.replace(/^https?:\/\/[^/?]*/i, '')
  return path.startsWith('/') ? path : `/${path}`
}

/** The status that the real host refuses a request with before it looks for a function; undefined: it does not. */
export function refusalOf({ url, rawHeaders }: IncomingMessage): number | undefined {
  if (pathOf(url).includes('%00')) return 400
  return isUtf8(Buffer.from(rawHeaders.join('\n'), 'latin1')) ? undefined : 400
}

/** Why the real host would begin an invocation for this request that never ends; undefined: it would not. */
export function obstacleTo(request: IncomingMessage, worker: Worker): string | undefined {
  const { url = '', headers, rawHeaders } = request
  const headerBytes = url.length + rawHeaders.join('').length + FORWARDING_BYTES
  if (headerBytes >= worker.maxHeaderBytes) return `the worker takes ${worker.maxHeaderBytes} bytes of headers`
  if (worker.refusedExpectations.has(request)) return 'the worker refuses what it expects'
  if (!isHost(headers.host)) return 'its Host is malformed'
  if (!/^[\0-\x7f]*$/.test(rawHeaders.join(''))) return 'a value in its headers is not ASCII'
  if ('x-ms-invocation-id' in headers) return 'it brings an invocation id of its own'
  return undefined
}

const isHost = (host = '') => !/[/?#@\\]/.test(host) && URL.canParse(`http://${host}/`)

/** Kestrel's minimum for a body with a length, after a grace period. */
const LEAST_BYTES_PER_SECOND = 240
const GRACE_SECONDS = 5

/**
 * Refuses with 500 a call whose body has a length and stalls, as the real host does, which reads the body before it
 * calls the function. Only time spent waiting for the client counts.
 */
export function refuseWhenStalled(log: Log, request: IncomingMessage, response: ServerResponse): void {
  if (request.headers['content-length'] === undefined) return
  const before = request.socket.bytesRead
  let seconds = 0
  const timer = setInterval(() => {
    if (request.complete || request.destroyed) return clearInterval(timer)
    if (request.readableLength >= request.readableHighWaterMark) return // it is the function that takes its time
    seconds++
    if (seconds <= GRACE_SECONDS || (request.socket.bytesRead - before) / seconds >= LEAST_BYTES_PER_SECOND) return
    clearInterval(timer)
    log(
      'error',
      `${request.method} ${request.url}: less than ${LEAST_BYTES_PER_SECOND} bytes of the body came in a second.`,
    )
    if (response.headersSent) return void request.destroy()
    refuse(response, 500)
    response.once('finish', () => request.destroy()) // the function reads what it would if the client had gone
  }, 1000)
  timer.unref()
}

/** Refuses a request without a body of an answer, and its connection with it. */
export function refuse(response: ServerResponse, status: number): void {
  response.writeHead(status, { 'content-length': 0, connection: 'close' }).end()
}
