import { BrokenConnection, problemIn } from './problem.js'
import { defaultRetryPolicy, type RetryPolicy, withRetry } from './retry.js'
import type { TokenProvider } from './tokens.js'

export type ClientOptions = {
  /** Where Broker is, without `/broker/api/v1`. */
  baseUrl: string
  token: TokenProvider
  /** `Ocp-Apim-Subscription-Key`, where the gateway asks for one. */
  subscriptionKey?: string
  fetch?: typeof fetch
  /** The retry policy, as far as it differs from ten tries with delays from 0.3 s up to 20 s. */
  patience?: Partial<RetryPolicy>
}

export type Ask = {
  method?: string
  query?: Record<string, string | undefined>
  headers?: Record<string, string>
  json?: unknown
  bytes?: Uint8Array<ArrayBuffer>
  signal?: AbortSignal | undefined
}

export type Http = ReturnType<typeof httpOf>

export const API = '/broker/api/v1'

/** Authorised calls to Broker. Each @throws a BrokerProblem or a BrokenConnection. */
export function httpOf({ baseUrl, token, subscriptionKey, fetch: given = fetch, patience }: ClientOptions) {
  const root = baseUrl.replace(/\/+$/, '')
  const retryPolicy = { ...defaultRetryPolicy, ...patience }

  const fetchOnce = async (path: string, ask: Ask, renew: boolean): Promise<Response> => {
    const { method = 'GET', query = {}, headers = {}, json, bytes, signal } = ask
    const url = new URL(root + path)
    for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, value)
    const all: Record<string, string> = { authorization: `Bearer ${await token({ renew })}`, ...headers }
    if (subscriptionKey) all['ocp-apim-subscription-key'] = subscriptionKey
    if (json !== undefined) all['content-type'] = 'application/json'
    const body = json === undefined ? bytes : JSON.stringify(json)
    const init = { method, headers: all, ...(body !== undefined && { body }), ...(signal && { signal }) }
    return given(url, init).catch((cause: unknown) => {
      if (signal?.aborted) throw signal.reason
      throw new BrokenConnection(`Broker does not answer at ${root}`, { cause })
    })
  }

  /** One try, with a new token if the first is refused. */
  const once = async (path: string, ask: Ask = {}): Promise<Response> => {
    const first = await fetchOnce(path, ask, false)
    if (first.ok) return first
    const problem = await problemIn(first)
    if (problem.status !== 401 || problem.code !== undefined) throw problem
    const second = await fetchOnce(path, ask, true)
    if (!second.ok) throw await problemIn(second)
    return second
  }

  /** Retries while the error is transient: for idempotent calls alone. */
  const request = (path: string, ask: Ask = {}) => withRetry(() => once(path, ask), retryPolicy, ask.signal)

  return {
    root,
    retryPolicy,
    once,
    request,
    async json<Shape>(path: string, ask: Ask = {}): Promise<Shape> {
      return (await request(path, ask)).json() as Promise<Shape>
    },
  }
}

/** Where a file transfer is. */
export const pathOf = (fileTransferId: string, rest = ''): string =>
  `${API}/filetransfer/${encodeURIComponent(fileTransferId)}${rest}`
