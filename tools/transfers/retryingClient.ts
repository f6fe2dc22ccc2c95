import { setTimeout as pause } from 'node:timers/promises'

/** A request body, created for every attempt. */
export type Body = () => string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> | FormData
/** An answer with its whole body. */
export type Answer = { status: number; headers: Headers; bytes: Buffer }
export type CallOptions = { method?: string; body?: Body; headers?: Record<string, string> }
export type Client = ReturnType<typeof retryingClient>

const GIVE_UP_AFTER_MS = 120_000
const SCOPES = 'altinn:serviceowner altinn:broker.write altinn:broker.read'

/** Calls Broker as a real client does: a broken connection, 429, 500 and 503 are retried for two minutes. */
export function retryingClient({ app, altinn }: { app: string; altinn: string }) {
  const tokens = new Map<string, Promise<string>>()
  const seen = { calls: 0, broken: 0, serverErrors: [] as string[] }

  const tokenOf = (org: string) => {
    const asked =
      tokens.get(org) ?? fetch(`${altinn}/token?${new URLSearchParams({ org, scope: SCOPES })}`).then((r) => r.text())
    tokens.set(org, asked)
    return asked
  }

  /** One attempt. @throws when the connection breaks. */
  async function callOnce(
    org: string,
    path: string,
    { method = 'GET', body, headers = {} }: CallOptions = {},
  ): Promise<Answer> {
    seen.calls++
    const init: RequestInit & { duplex?: 'half' } = {
      method,
      headers: { ...headers, authorization: `Bearer ${await tokenOf(org)}` },
      duplex: 'half',
      ...(body && { body: body() }),
      signal: AbortSignal.timeout(60_000),
    }
    const response = await fetch(path.startsWith('http') ? path : `${app}/broker/api/v1/${path}`, init)
    const bytes = Buffer.from(await response.arrayBuffer())
    return { status: response.status, headers: response.headers, bytes }
  }

  /** The first answer that is not transient. @throws after two minutes. */
  async function call(org: string, path: string, how: CallOptions = {}): Promise<Answer> {
    const started = Date.now()
    for (let wait = 100; ; wait = Math.min(2 * wait, 1000)) {
      const answer = await callOnce(org, path, how).catch((error: unknown) => String(error))
      const failure = typeof answer === 'string' ? answer : `${answer.status} ${answer.bytes.toString().slice(0, 300)}`
      if (typeof answer === 'string') seen.broken++
      else if (answer.status === 500) seen.serverErrors.push(`${how.method ?? 'GET'} ${path}: ${failure}`)
      else if (answer.status !== 503 && answer.status !== 429) return answer
      if (Date.now() - started > GIVE_UP_AFTER_MS) throw new Error(`${path} is given up: ${failure}`)
      await pause(wait)
    }
  }

  return {
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
