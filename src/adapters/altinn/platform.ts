import { setTimeout as pause } from 'node:timers/promises'
import { trace } from '@opentelemetry/api'
import { inSpan, traceParent } from '../telemetry/tracing.js'

/** Broker's own Altinn token for these scopes. */
export type OwnToken = (scope: string) => Promise<string>

/** Calls Altinn's platform. The path has no leading slash; `scope` asks for Broker's own token. */
export type Platform = (path: string, init?: RequestInit & { scope?: string }) => Promise<Response>

type Settings = { url: URL; subscriptionKey: string | undefined; ownToken: OwnToken; fetch: typeof fetch }

export const platform =
  ({ url, subscriptionKey, ownToken, fetch }: Settings): Platform =>
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
      const response = await fetch(new URL(path, url), { ...init, headers })
      trace.getActiveSpan()?.setAttribute('http.response.status_code', response.status)
      return response
    })
  }

/** Asks, and asks again what may pass. The signal ends what takes too long, its body included. */
export type Retry = (ask: (signal: AbortSignal) => Promise<Response>) => Promise<Response>

// Spec 2.4: three more tries, on these statuses and when there is no answer.
const PAUSES_MS = [100, 200, 400]
const PASSING = [408, 429, 500, 502, 503, 504]

/** Tries that end within so many milliseconds, all together: who waits for the answer does not wait longer. One try takes at most half of it. */
export const withRetry =
  (allInAllMs: number): Retry =>
  async (ask) => {
    const end = AbortSignal.timeout(allInAllMs)
    for (const milliseconds of [...PAUSES_MS, undefined]) {
      try {
        const response = await ask(AbortSignal.any([end, AbortSignal.timeout(allInAllMs / 2)]))
        if (milliseconds === undefined || !PASSING.includes(response.status)) return response
        await response.body?.cancel()
      } catch (error) {
        if (milliseconds === undefined || end.aborted) throw error
      }
      await pause(milliseconds)
    }
    throw new Error('unreachable')
  }

/** `fetch` that tries again what may pass, and does not wait for ever. */
export const retryingFetch =
  (withRetry: Retry): typeof fetch =>
  (input, init) =>
    withRetry((signal) => fetch(input, { signal, ...init }))
