import { trace } from '@opentelemetry/api'
import pRetry from 'p-retry'
import { inSpan, traceParent } from '../telemetry/tracing.js'
import type { Request } from './request.js'
import { failedResponse } from './upstreamResponse.js'

/** Broker's own Altinn token for these scopes. */
export type OwnToken = (scope: string) => Promise<string>

/** Calls Altinn's platform. The path has no leading slash; `scope` asks for Broker's own token. */
export type Platform = (
  path: string,
  init?: { method?: string; headers?: Record<string, string>; body?: string; scope?: string },
) => Promise<Response>

type Settings = { url: URL; subscriptionKey: string | undefined; ownToken: OwnToken; request: Request }

/** Altinn's platform over HTTP, each call in a span. No answer is an error here: the status is the caller's to read. */
export const platform =
  ({ url, subscriptionKey, ownToken, request }: Settings): Platform =>
  async (path, { scope, ...init } = {}) => {
    const headers = new Headers(init.headers)
    if (subscriptionKey) headers.set('Ocp-Apim-Subscription-Key', subscriptionKey)
    if (scope) headers.set('Authorization', `Bearer ${await ownToken(scope)}`)
    const method = init.method ?? 'GET'
    // The first part of the path alone names the service; what follows may name organisations.
    const name = `${method} altinn ${path.split('/', 1)[0]}`
    const attributes = { 'http.request.method': method, 'server.address': url.hostname }
    return inSpan({ name, kind: 'client', attributes }, async () => {
      const parent = traceParent()
      if (parent) headers.set('traceparent', parent)
      const response = await request(new URL(path, url), { ...init, headers })
      trace.getActiveSpan()?.setAttribute('http.response.status_code', response.status)
      return response
    })
  }

/** Calls, and retries what may pass. The signal aborts what takes too long, its body included. */
export type Retry = (ask: (signal: AbortSignal) => Promise<Response>) => Promise<Response>

// Spec 2.4: three more tries, on these statuses and when there is no answer, after 100, 200 and 400 ms.
const RETRIES = 3
const FIRST_PAUSE_MS = 100
const TRANSIENT = [408, 429, 500, 502, 503, 504]

/** Retries within a time-out for all tries, after which no caller waits any more. One try takes at most half of it. */
export const withRetry =
  (timeoutMs: number): Retry =>
  (ask) => {
    const end = AbortSignal.timeout(timeoutMs)
    return pRetry(
      async (attempt) => {
        const response = await ask(AbortSignal.any([end, AbortSignal.timeout(timeoutMs / 2)]))
        if (attempt > RETRIES || !TRANSIENT.includes(response.status)) return response
        await response.body?.cancel()
        throw failedResponse(response, String(response.status))
      },
      { retries: RETRIES, minTimeout: FIRST_PAUSE_MS, shouldRetry: () => !end.aborted },
    )
  }

/** Requests with retries and a time-out. */
export const retryingRequest =
  (withRetry: Retry, request: Request): Request =>
  (url, init) =>
    withRetry((signal) => request(url, { signal, ...init }))
