import { createServer, type IncomingHttpHeaders, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Call = {
  url: URL
  /** The named parts of the path, decoded. */
  params: Record<string, string>
  headers: IncomingHttpHeaders
  /** The body as text. @throws when it is larger than `MAX_BODY_BYTES`. */
  text(): Promise<string>
}

export type Answer = { status: number; type?: string; body?: string; headers?: Record<string, string> }

export type Route = {
  method: 'GET' | 'POST' | 'DELETE'
  /** `{name}` stands for one segment. */
  path: string
  answer(call: Call): Answer | Promise<Answer>
}

const MAX_BODY_BYTES = 8 * 1024 * 1024

export const json = (status: number, value: unknown): Answer => ({
  status,
  type: 'application/json; charset=utf-8',
  body: JSON.stringify(value),
})

export const text = (status: number, body: string): Answer => ({ status, type: 'text/plain; charset=utf-8', body })

export const html = (body: string): Answer => ({ status: 200, type: 'text/html; charset=utf-8', body })

/** The value of a JSON text, undefined when it is none. */
export function parseJson(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}

/** Listens on loopback. Port 0 is any free one. Requests are answered once `serve` is called on the server. */
export async function listen(port: number): Promise<{ server: Server; port: number }> {
  const server = createServer({ keepAliveTimeout: 60_000 })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => resolve())
  })
  return { server, port: (server.address() as AddressInfo).port }
}

/** Pages of any origin may ask for tokens and the rest: nothing here is secret. */
const FOR_ALL_PAGES = {
  'access-control-allow-origin': '*',
  'access-control-allow-methods': 'GET, POST, DELETE',
  'access-control-allow-headers': 'authorization, content-type',
}

/** Answers every request of the server from the routes; the first match wins. */
export function serve(server: Server, base: string, routes: Route[], log: (line: string) => void): void {
  const table = routes.map((route) => ({ ...route, pattern: pattern(route.path) }))

  const answer = async (request: IncomingMessage): Promise<Answer> => {
    const url = new URL(request.url ?? '/', base)
    const paths = table.flatMap((route) => {
      const found = route.pattern.exec(url.pathname)
      return found ? [{ route, groups: found.groups ?? {} }] : []
    })
    if (paths.length === 0) return text(404, `Nothing is here: ${url.pathname}`)
    if (request.method === 'OPTIONS') return { status: 204 }
    const hit = paths.find(({ route }) => route.method === request.method)
    if (!hit) return { ...text(405, 'Wrong method'), headers: { allow: paths.map((p) => p.route.method).join(', ') } }
    const params: Record<string, string> = {}
    for (const [name, value] of Object.entries(hit.groups)) params[name] = decoded(value)
    return hit.route.answer({ url, params, headers: request.headers, text: () => bodyOf(request) })
  }

  server.on('request', async (request, response) => {
    const { status, type, body, headers } = await answer(request).catch((error: unknown) => {
      log(`${request.method} ${request.url} failed: ${String(error)}`)
      return text(500, 'The simulator failed; its log says why')
    })
    // What was not read has to be thrown away, or the connection cannot carry the next request.
    request.resume()
    response.writeHead(status, { ...FOR_ALL_PAGES, ...(type ? { 'content-type': type } : {}), ...headers }).end(body)
  })
}

function pattern(path: string): RegExp {
  const quoted = path.replaceAll(/[.]/g, '\\.')
  return new RegExp(`^${quoted.replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)')}/?$`)
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request) {
    size += chunk.length
    if (size > MAX_BODY_BYTES) throw new Error(`a body of more than ${MAX_BODY_BYTES} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
