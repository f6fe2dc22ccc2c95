import type { TokenCredential } from '@azure/identity'
import { Pool } from 'undici'
import { IDLE_MS } from '../../lib/timeout.js'
import { userAgent } from '../../lib/version.js'
import type { Endpoint } from '../azure/endpoint.js'
import { retryOnce } from '../azure/retry.js'
import { inSpan, traceId } from '../telemetry/tracing.js'
import { authorizationOf } from './authorization.js'
import { serviceError } from './serviceError.js'

/** A request to the service. `path` is below the account, percent-encoded, with its query; `table` is for traces. */
export type TableRequest = {
  method: 'DELETE' | 'GET' | 'PATCH' | 'POST' | 'PUT'
  table: string
  path: string
  headers: Record<string, string>
  body?: string
}
export type TableResponse = { headers: Record<string, string | string[] | undefined>; text: string }

/** An account of tables. `send` throws an error with the `statusCode` of an answer that is no success. */
export type TableAccount = { address: string; send: (request: TableRequest) => Promise<TableResponse> }

/**
 * Connects to an account. A call whose connection stalls for `stallMs` fails as in an outage, which is retried once.
 */
export function connectTables(endpoint: Endpoint, credential: TokenCredential, stallMs: number): TableAccount {
  const { address, authorize } = authorizationOf(endpoint, credential)
  const { origin, pathname } = new URL(address)
  const account = pathname.replace(/\/$/, '')
  const pool = new Pool(origin, {
    connect: { timeout: stallMs },
    headersTimeout: stallMs,
    bodyTimeout: stallMs,
    keepAliveTimeout: IDLE_MS,
  })

  async function exchange({ method, path, headers, body }: TableRequest) {
    const fullPath = account + path
    const trace = traceId()
    const common = {
      'x-ms-version': '2019-02-02',
      DataServiceVersion: '3.0',
      'User-Agent': userAgent,
      ...(trace && { 'x-ms-client-request-id': trace }),
      ...(await authorize(fullPath)),
    }
    const response = await answered(
      pool.request({ method, path: fullPath, headers: { ...common, ...headers }, body: body ?? null }),
    )
    const { statusCode } = response
    const text = await answered(response.body.text())
    const answer = { statusCode, headers: response.headers, text }
    if (statusCode === 429 || statusCode >= 500) throw serviceError(answer)
    return answer
  }

  return {
    address: origin + account,
    async send(request) {
      const span = { name: `Table ${request.method} ${request.table}`, kind: 'client', attributes: TRACED } as const
      const answer = await inSpan(span, () => retryOnce(() => exchange(request)))
      if (answer.statusCode >= 300) throw serviceError(answer)
      return answer
    },
  }
}

const TRACED = { 'db.system.name': 'azure.table' }

/** @throws what isOutage knows, whatever broke on the way. */
async function answered<Value>(value: Promise<Value>): Promise<Value> {
  try {
    return await value
  } catch (error) {
    throw Object.assign(new Error('The table service did not answer.', { cause: error }), { isUpstream: true })
  }
}
