import { brokerUrl } from './addresses.js'
import { BrokenConnection, problemIn, textOf, UnexpectedResponse } from './problem.js'
import { defaultRetryPolicy, type RetryPolicy, withRetry } from './retry.js'
import type { TokenProvider } from './tokens.js'

/** Which Broker to call, and how. */
export type ClientOptions = {
  /** Where Broker is, with or without `/broker/api/v1`. */
  baseUrl: string
  token: TokenProvider
  /** `Ocp-Apim-Subscription-Key`, where the gateway asks for one. */
  subscriptionKey?: string
  fetch?: typeof fetch
  /** The retry policy, as far as it differs from ten tries with delays from 0.3 s up to 20 s. */
  patience?: Partial<RetryPolicy>
}

/** One request: GET unless `method` says otherwise, with a body of `json` or `bytes`. */
export type Call = {
  method?: string
  query?: Record<string, string | undefined>
  headers?: Record<string, string>
  json?: unknown
  bytes?: Uint8Array<ArrayBuffer> | Blob
  /** Everybody may ask it: no token is sent, nor asked for. */
  isPublic?: true
  signal?: AbortSignal | undefined
}

export type Http = ReturnType<typeof authorizedHttp>

export const API = '/broker/api/v1'

/** Authorised calls to Broker. Each @throws a BrokerProblem or a BrokenConnection. */
export function authorizedHttp({ baseUrl, token, subscriptionKey, fetch: fetchUrl = fetch, patience }: ClientOptions) {
  const root = brokerUrl(baseUrl)
  const retryPolicy = { ...defaultRetryPolicy, ...patience }

  const fetchWithToken = async (path: string, call: Call, renew: boolean): Promise<Response> => {
    const { method = 'GET', query = {}, headers = {}, json, bytes, isPublic, signal } = call
    const url = new URL(root + path)
    for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, value)
    const allHeaders: Record<string, string> = { ...headers }
    if (!isPublic) allHeaders.authorization = `Bearer ${await token({ renew })}`
    if (subscriptionKey) allHeaders['ocp-apim-subscription-key'] = subscriptionKey
    if (json !== undefined) allHeaders['content-type'] = 'application/json'
    const body = json === undefined ? bytes : JSON.stringify(json)
    const init = { method, headers: allHeaders, ...(body !== undefined && { body }), ...(signal && { signal }) }
    return fetchUrl(url, init).catch(async (cause: unknown) => {
      if (signal?.aborted) throw signal.reason
      // A file that has changed or is gone fails the call, too: reading it tells.
      if (bytes instanceof Blob) await bytes.slice(0, 1).arrayBuffer()
      throw new BrokenConnection(`Broker does not answer at ${root}`, { cause })
    })
  }

  /** One try, and a second with a new token when the first token is refused. */
  const once = async (path: string, call: Call = {}): Promise<Response> => {
    const first = await fetchWithToken(path, call, false)
    if (first.ok) return first
    const problem = await problemIn(first)
    if (problem.status !== 401 || problem.code !== undefined) throw problem
    const second = await fetchWithToken(path, call, true)
    if (!second.ok) throw await problemIn(second)
    return second
  }

  /** Retries while the error is transient: for idempotent calls alone. */
  const request = (path: string, call: Call = {}) => withRetry(() => once(path, call), retryPolicy, call.signal)

  /** The JSON of an answer, and its headers. One that breaks off is asked for again. */
  const page = <Shape>(path: string, call: Call = {}) =>
    withRetry(
      async () => {
        const response = await once(path, call)
        return { json: await jsonIn<Shape>(response, root), headers: response.headers }
      },
      retryPolicy,
      call.signal,
    )

  return {
    root,
    retryPolicy,
    once,
    request,
    page,
    json: async <Shape>(path: string, call: Call = {}): Promise<Shape> => (await page<Shape>(path, call)).json,
  }
}

/** The JSON of a response. @throws BrokenConnection, or UnexpectedResponse: another web server answers there. */
export async function jsonIn<Shape>(response: Response, url: string): Promise<Shape> {
  const text = await textOf(response, url)
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new UnexpectedResponse(`The answer of ${url} is not JSON: is it the right address?`, { cause })
  }
}

/** The path of a file transfer. */
export const fileTransferPath = (fileTransferId: string, rest = ''): string =>
  `${API}/filetransfer/${encodeURIComponent(fileTransferId)}${rest}`
