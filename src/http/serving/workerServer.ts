// In stream mode the Functions host begins an invocation, and then forwards the request to the HTTP server that
// `@azure/functions` opens in the worker. What that server refuses by itself never reaches a function: the invocation
// never ends, its client is never answered, and the host does not stop (docs/upstream/invocations-that-never-end.md).
// The library keeps the server to itself, but Node publishes it on a diagnostics channel.
import { subscribe } from 'node:diagnostics_channel'
import { Server } from 'node:http'

/** More than the host accepts (32 KB), and what it adds. */
const MAX_HEADER_BYTES = 65_536

const prepared = new WeakSet<Server>()

/**
 * Makes a server pass on what Node would refuse: an expectation but 100-continue (417), and headers over 16 KB (431).
 */
function prepare(server: unknown) {
  if (!(server instanceof Server) || prepared.has(server)) return
  prepared.add(server)
  server.on('checkExpectation', (request, response) => server.emit('request', request, response))
  // Node takes it for each new connection. NODE_OPTIONS says the same, but a worker that Azure keeps warm starts before
  // it knows the settings.
  Object.assign(server, { maxHeaderSize: MAX_HEADER_BYTES })
}

// The app is loaded before the server listens. A version of Node without that channel publishes the server with its
// first request, before it checks the expectation.
subscribe('tracing:net.server.listen:asyncStart', (message) => prepare((message as { server: unknown }).server))
subscribe('http.server.request.start', (message) => prepare((message as { server: unknown }).server))
