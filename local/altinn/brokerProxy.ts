import type { IncomingMessage, ServerResponse } from 'node:http'
import { PassThrough } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { Agent } from 'undici'

/** RFC 9110 §7.6.1: what is said to one connection alone. `expect` is answered here. */
const NOT_ONWARD = ['connection', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'expect']

/**
 * Passes on what is asked below `/broker`, as Altinn's platform does, so that one address is enough. Nothing is
 * buffered, and who hangs up hangs up on the other. The host of the caller goes on, since answers name it.
 */
export function brokerProxy(origin: string) {
  const agent = new Agent({ headersTimeout: 0, bodyTimeout: 0 })

  async function pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const gone = new AbortController()
    response.once('close', () => gone.abort())
    try {
      const answer = await agent.request({
        origin,
        path: request.url ?? '/',
        method: request.method as 'GET',
        headers: onward(request.rawHeaders),
        body: bodyOf(request),
        signal: gone.signal,
        responseHeaders: 'raw',
      })
      response.writeHead(answer.statusCode, onward(answer.headers as unknown as string[]))
      await pipeline(answer.body, response)
    } catch (error) {
      if (response.headersSent) response.destroy()
      else
        response.writeHead(502, { 'content-type': 'text/plain' }).end(`The app at ${origin} does not answer: ${error}`)
    }
  }

  return {
    handles: ({ url = '' }: IncomingMessage): boolean => /^\/broker(?=[/?]|$)/i.test(url),
    pass,
    stop: () => agent.destroy(),
  }
}

/** Names and values in turn, without those of the connection. */
function onward(headers: string[]): string[] {
  const named = headers.flatMap((name, index) => (index % 2 === 0 ? [[name, headers[index + 1] ?? '']] : []))
  const own = named.flatMap(([name = '', value = '']) => (name.toLowerCase() === 'connection' ? value.split(',') : []))
  const dropped = new Set([...NOT_ONWARD, ...own.map((name) => name.trim().toLowerCase())])
  return named.filter(([name = '']) => !dropped.has(name.toLowerCase())).flat()
}

/** The body, if there is one. The rest of one that is refused is read, so that the caller gets to read the answer. */
function bodyOf(request: IncomingMessage): PassThrough | null {
  const { 'content-length': length, 'transfer-encoding': encoding } = request.headers
  if (encoding === undefined && (length === undefined || length === '0')) return null
  const body = new PassThrough()
  request.once('close', () => request.complete || body.destroy(new Error('The caller has hung up.')))
  body.once('close', () => request.resume())
  return request.pipe(body)
}
