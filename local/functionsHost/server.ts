import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { text } from 'node:stream/consumers'
import type { Log } from './core.js'
import { obstacleTo, pathOf, refusalOf, refuse, refuseWhenStalled, separateLimits, type Worker } from './hostLimits.js'
import { answer, httpRequest } from './http.js'
import { type Host, invoke } from './invocation.js'
import { compileRoute, segmentsOf } from './routes.js'
import type { Trigger } from './triggers/triggers.js'

const DEFAULT_BODY_LIMIT = 104_857_600

type Answerer = (request: IncomingMessage, response: ServerResponse, path: string) => Promise<void>

/** Serves the functions with HTTP triggers and the host's own paths below `/admin/`. */
export async function listen(host: Host, triggers: Trigger[], port: number, hostname: string): Promise<Server> {
  const worker: Worker = { maxHeaderBytes: 0, refusedExpectations: new WeakSet() }
  const serve = functionsByRoute(host, triggers, worker)
  const administer = administration(host, triggers)

  const handle = (request: IncomingMessage, response: ServerResponse) => {
    const refusal = refusalOf(request)
    if (refusal !== undefined) return refuse(response, refusal)
    const path = pathOf(request.url)
    const handled = path.startsWith('/admin/') ? administer(request, response, path) : serve(request, response, path)
    handled.catch((error: unknown) => {
      if (!response.headersSent) response.writeHead(500, { 'content-length': 0 }).end()
      else if (!response.writableFinished) response.destroy() // the client must not take a broken body for a whole one
      host.log('error', `${request.method} ${path}: ${error instanceof Error ? error.message : error}`)
    })
  }
  const server = createServer({ requestTimeout: 0, keepAliveTimeout: 130_000 }, handle)
  server.on('checkExpectation', (request, response) => {
    if (server.listenerCount('checkExpectation') > 1) return // the app has a listener of its own, which hands it on
    worker.refusedExpectations.add(request)
    handle(request, response)
  })
  server.on('clientError', (error: ParseError, socket) => refuseUnparsed(host.log, error, socket))
  await new Promise<void>((done, failed) => server.once('error', failed).listen(port, hostname, done))
  worker.maxHeaderBytes = separateLimits(server)
  return server
}

type ParseError = Error & { code?: string; rawPacket?: Buffer }

/**
 * The answer to a request that Node cannot parse. The real host accepts methods in lower case, Node's parser does not.
 */
function refuseUnparsed(log: Log, { code, rawPacket }: ParseError, socket: Duplex) {
  const [method] = /^[a-z]+(?= )/.exec(rawPacket?.toString('latin1') ?? '') ?? []
  if (code === 'HPE_INVALID_METHOD' && method)
    log('error', `"${method}", a method in lower case: the Functions host accepts it, this one cannot.`)
  const status = code === 'HPE_HEADER_OVERFLOW' ? '431 Request Header Fields Too Large' : '400 Bad Request'
  if (socket.writable) socket.end(`HTTP/1.1 ${status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`)
}

/**
 * The first match in the order of the function names wins, as on the real host: a literal segment has NO precedence
 * over a parameter.
 */
function functionsByRoute(host: Host, triggers: Trigger[], worker: Worker): Answerer {
  const prefix = host.settings.http?.routePrefix ?? 'api'
  const limit = Number(process.env.FUNCTIONS_REQUEST_BODY_SIZE_LIMIT ?? DEFAULT_BODY_LIMIT)
  const routes = triggers
    .filter(({ binding }) => binding.type === 'httpTrigger')
    .map(({ fn, binding }) => {
      const template = [prefix, binding.route ?? fn.metadata.name].filter((part) => part !== '').join('/')
      const methods = binding.methods?.length ? binding.methods : ['GET', 'POST']
      return { fn, methods: methods.map((method) => method.toUpperCase()), match: compileRoute(template) }
    })
    .sort((a, b) => (a.fn.metadata.name.toLowerCase() < b.fn.metadata.name.toLowerCase() ? -1 : 1))

  return async (request, response, path) => {
    const parts = segmentsOf(path)
    for (const { fn, methods, match } of routes) {
      const values = methods.includes(request.method ?? '') ? match(parts) : undefined
      if (values === undefined) continue
      // As on the real host: HTTP/1.0 may leave the host out, and a body over the limit gets no 413.
      const hasHost = request.headers.host !== undefined
      if (!hasHost || Number(request.headers['content-length'] ?? 0) > limit) return refuse(response, 500)
      const obstacle = obstacleTo(request, worker)
      if (obstacle !== undefined) {
        host.log('error', `${request.method} ${path}: ${obstacle}. The Functions host never answers this.`)
        response.destroy()
        return
      }
      refuseWhenStalled(host.log, request, response)
      const { input, reading } = httpRequest(host, request, values, limit)
      const traceParent = request.headers.traceparent?.toString()
      return invoke(host, fn, {
        inputs: [input],
        traceParent,
        finish: (result, invocationId) => answer(host, request, response, result, { invocationId, reading }),
      })
    }
    response.writeHead(404, { 'content-length': 0 }).end()
  }
}

/**
 * `POST /admin/functions/{name}` runs a function and answers 202 immediately; `GET /admin/host/status` answers that the
 * host is up.
 */
function administration({ log }: Host, triggers: Trigger[]): Answerer {
  const byName = new Map(triggers.map((trigger) => [trigger.fn.metadata.name.toLowerCase(), trigger]))
  return async (request, response, path) => {
    const end = (status: number, body = '') =>
      response
        .writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) })
        .end(body)
    if (request.method === 'GET' && path === '/admin/host/status') return void end(200, '{"state":"Running"}')
    const [, name] = /^\/admin\/functions\/([^/]+)$/.exec(path) ?? []
    const trigger = request.method === 'POST' ? byName.get(name?.toLowerCase() ?? '') : undefined
    if (trigger === undefined) return void end(404)
    if (!/^application\/json\b/i.test(request.headers['content-type'] ?? '')) return void end(415)
    const { input = '' }: { input?: unknown } = JSON.parse((await text(request)) || '{}')
    end(202) // the run has only started
    trigger
      .runNow(typeof input === 'string' ? input : JSON.stringify(input))
      .catch((error: unknown) => log('error', `${path}: ${error instanceof Error ? error.message : error}`))
  }
}
