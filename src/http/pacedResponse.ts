// `@azure/functions` (stream mode) writes every chunk to the worker's own HTTP server without waiting for the socket, so a fast source
// behind a slow client piles up in memory, and a client that left is never noticed. The library keeps its ServerResponse to itself, but Node
// announces every request that any HTTP server of the process receives on a diagnostics channel, and the Functions host puts the invocation id
// on the request that it forwards: that joins an invocation to its ServerResponse.
import { subscribe } from 'node:diagnostics_channel'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { writable } from './writable.js'

/** The responses in progress, by invocation id. */
const responses = new Map<string, ServerResponse>()

subscribe('http.server.request.start', (message) => {
  const { request, response } = message as { request: IncomingMessage; response: ServerResponse }
  const invocationId = request.headers['x-ms-invocation-id']
  if (typeof invocationId !== 'string') return
  responses.set(invocationId, response)
  response.once('close', () => responses.delete(invocationId))
})

/**
 * The chunks of `source`, no faster than the client of this invocation takes them. When the client goes away, `source` is ended early. Where
 * the invocation is not found (a host that pipes with backpressure) the source is passed on as it is.
 */
export async function* paced(source: AsyncIterable<Uint8Array>, invocationId: string): AsyncGenerator<Uint8Array> {
  const response = responses.get(invocationId)
  for await (const chunk of source) {
    if (response) await writable(response)
    if (response?.destroyed) return // leaving the loop ends the source, which closes a blob stream
    yield chunk
  }
}
