// `@azure/functions` (stream mode) writes every chunk to the worker's own HTTP server without waiting for the socket,
// so a fast source behind a slow client piles up in memory, and a client that left is never noticed. The library keeps
// its ServerResponse to itself, but Node publishes every request that any HTTP server of the process receives on a
// diagnostics channel, and the Functions host puts the invocation id on the request that it forwards: that joins an
// invocation to its ServerResponse.
import { AsyncLocalStorage } from 'node:async_hooks'
import { subscribe } from 'node:diagnostics_channel'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ByteSource } from '../../usecases/ports/blobs.js'
import { waitForDrain } from './waitForDrain.js'

/** The responses that no function has taken yet, by invocation id. */
const responses = new Map<string, ServerResponse>()

/** A function may start this long after its client has left. */
const LATE_START_MS = 60_000

subscribe('http.server.request.start', (message) => {
  const { request, response } = message as { request: IncomingMessage; response: ServerResponse }
  const invocationId = request.headers['x-ms-invocation-id']
  if (typeof invocationId !== 'string') return
  responses.set(invocationId, response)
  response.once('close', () => {
    if (response.writableFinished) return void responses.delete(invocationId)
    // The client left. A function that begins only now must find its response closed, not missing.
    setTimeout(() => responses.delete(invocationId), LATE_START_MS).unref()
  })
})

/** The response of an invocation, closed or not, that no function has taken yet. */
export const responseOf = (invocationId: string): ServerResponse | undefined => responses.get(invocationId)

/**
 * The response of an invocation, closed or not: to be taken once, when its function begins. Undefined under a host that
 * pipes with backpressure.
 */
export function takeResponse(invocationId: string): ServerResponse | undefined {
  const response = responses.get(invocationId)
  responses.delete(invocationId)
  return response
}

/**
 * The bytes of `source` as a stream, no faster than `response` takes them, in the trace of the call that opened them.
 * It owns the source, and closes it once: at its end, when it fails, when the stream is cancelled, or when the response
 * closes, read or not. A source that fails ends the stream early: the failure goes to `onFailure`,
 * never to the host.
 */
export function streamWithBackpressure(
  source: ByteSource,
  response: ServerResponse | undefined,
  onFailure: (error: unknown) => void,
): ReadableStream<Uint8Array> {
  const inTrace = AsyncLocalStorage.snapshot()
  const chunks = source.bytes[Symbol.asyncIterator]()
  let isClosed = false
  const close = () => {
    if (isClosed) return
    isClosed = true
    response?.off('close', close)
    inTrace(() => {
      source.close()
      void chunks.return?.().catch(() => {}) // it ends a generator that is suspended at a yield
    })
  }

  const nextChunk = async () => {
    if (response) await waitForDrain(response)
    if (isClosed) return undefined
    const { done, value } = await inTrace(() => chunks.next())
    return done || isClosed ? undefined : value
  }

  if (response?.destroyed) close()
  else response?.once('close', close)
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const chunk = await nextChunk()
          if (chunk) return controller.enqueue(chunk)
        } catch (error) {
          if (!isClosed) onFailure(error)
        }
        close()
        controller.close()
      },
      cancel: close,
    },
    { highWaterMark: 0 },
  )
}
