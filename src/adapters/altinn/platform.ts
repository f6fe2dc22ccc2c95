import { setTimeout as pause } from 'node:timers/promises'
import { trace } from '@opentelemetry/api'
import { inSpan, traceParent } from '../tracing.js'
import type { OwnToken } from './maskinporten.js'

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

// Spec 2.4: three more tries, on these statuses and when there is no answer.
const PAUSES_MS = [100, 200, 400]
const PASSING = [408, 429, 500, 502, 503, 504]
const PATIENCE_MS = 15_000

/** `fetch` that does not wait for ever, and tries again what may pass. */
export const patientFetch: typeof fetch = async (input, init) => {
  for (const milliseconds of [...PAUSES_MS, undefined]) {
    try {
      const response = await fetch(input, { signal: AbortSignal.timeout(PATIENCE_MS), ...init })
      if (milliseconds === undefined || !PASSING.includes(response.status)) return response
      await response.body?.cancel()
    } catch (error) {
      if (milliseconds === undefined) throw error
    }
    await pause(milliseconds)
  }
  throw new Error('unreachable')
}
