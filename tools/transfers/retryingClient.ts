import { setTimeout as pause } from 'node:timers/promises'

/** A request body, created for every attempt. */
export type Body = () => string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> | FormData
/** An answer with its whole body. */
export type Answer = { status: number; headers: Headers; bytes: Buffer }
export type CallOptions = {
  method?: string
  body?: Body
  headers?: Record<string, string>
  /** Ends the call before its time-out. */
  signal?: AbortSignal
}
/** A call that was answered. `operation` is its method and path without ids. */
export type Answered = { operation: string; status: number; ms: number }
type Options = {
  app: string
  altinn: string
  /** Takes each answered call. */
  onAnswer?: (answered: Answered) => void
  timeoutMs?: number
  giveUpAfterMs?: number
}
export type Client = ReturnType<typeof retryingClient>

/** So many server errors are kept. */
const MOST_NOTED = 1000
const SCOPES = 'altinn:serviceowner altinn:broker.write altinn:broker.read'

/** Calls Broker as a real client does: a broken connection, 429, 500 and 503 are retried, for two minutes by default. */
export function retryingClient(options: Options) {
  const { app, altinn, onAnswer = () => {}, timeoutMs = 60_000, giveUpAfterMs = 120_000 } = options
  const tokens = new Map<string, Promise<string>>()
  const seen = { calls: 0, broken: 0, serverErrors: [] as string[] }

  const noteServerError = (text: string) => {
    if (seen.serverErrors.length < MOST_NOTED) seen.serverErrors.push(text)
  }

  const tokenOf = (org: string) => {
    const query = new URLSearchParams({ org, scope: SCOPES, expiresIn: '864000' })
    const asked = tokens.get(org) ?? fetch(`${altinn}/token?${query}`).then((answer) => answer.text())
    tokens.set(org, asked)
    asked.catch(() => tokens.delete(org))
    return asked
  }

  /** The answer as it begins. @throws when the connection breaks. */
  async function open(
    org: string,
    path: string,
    { method = 'GET', body, headers = {}, signal }: CallOptions = {},
  ): Promise<Response> {
    seen.calls++
    const timeout = AbortSignal.timeout(timeoutMs)
    const init: RequestInit & { duplex?: 'half' } = {
      method,
      headers: { ...headers, authorization: `Bearer ${await tokenOf(org)}` },
      duplex: 'half',
      ...(body && { body: body() }),
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    }
    return fetch(path.startsWith('http') ? path : `${app}/broker/api/v1/${path}`, init)
  }

  /** One attempt. @throws when the connection breaks. */
  async function callOnce(org: string, path: string, how: CallOptions = {}): Promise<Answer> {
    const began = performance.now()
    const response = await open(org, path, how)
    const bytes = Buffer.from(await response.arrayBuffer())
    onAnswer({ operation: operationOf(how.method, path), status: response.status, ms: performance.now() - began })
    return { status: response.status, headers: response.headers, bytes }
  }

  /** The first answer that is not transient. @throws after the time-out, or when the signal fires. */
  async function call(org: string, path: string, how: CallOptions = {}): Promise<Answer> {
    const started = Date.now()
    for (let wait = 100; ; wait = Math.min(2 * wait, 1000)) {
      const answer = await callOnce(org, path, how).catch((error: unknown) => String(error))
      const failure = typeof answer === 'string' ? answer : `${answer.status} ${answer.bytes.toString().slice(0, 300)}`
      if (typeof answer === 'string') seen.broken++
      else if (answer.status === 500) noteServerError(`${how.method ?? 'GET'} ${path}: ${failure}`)
      else if (answer.status !== 503 && answer.status !== 429) return answer
      if (Date.now() - started > giveUpAfterMs || how.signal?.aborted)
        throw new Error(`${path} is given up: ${failure}`)
      await pause(typeof answer === 'string' ? wait : Math.max(wait, retryAfterMs(answer)))
    }
  }

  /** An answer whose body the caller reads, or not. @throws when the connection breaks before it begins. */
  async function download(org: string, path: string, headers: Record<string, string> = {}): Promise<Response> {
    const began = performance.now()
    const response = await open(org, path, { headers })
    const operation = `${operationOf('GET', path)}, until it begins`
    onAnswer({ operation, status: response.status, ms: performance.now() - began })
    return response
  }

  return {
    download,
    call,
    callOnce,
    seen,
    json: async <Value>(org: string, path: string, how: CallOptions = {}): Promise<Value> => {
      const answer = await call(org, path, how)
      if (answer.status >= 300) throw new Error(`${path}: ${answer.status} ${answer.bytes}`)
      return JSON.parse(answer.bytes.toString()) as Value
    },
    post: (value: unknown): CallOptions => ({
      method: 'POST',
      body: () => JSON.stringify(value),
      headers: { 'content-type': 'application/json' },
    }),
  }
}

/** What a busy server asks for, up to ten seconds. */
export const retryAfterMs = ({ headers }: Pick<Answer, 'headers'>) =>
  Math.min(10_000, 1000 * Number(headers.get('retry-after') ?? 0))

/** `GET filetransfer/{id}` of a call; of the query only whether it waits. */
function operationOf(method = 'GET', path: string): string {
  const [place = '', query = ''] = path.split('?')
  const named = place.replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32}/g, '{id}')
  return `${method} ${named}${query.includes('timeout=') ? ', waiting' : ''}`
}
