import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { parseArgs } from 'node:util'
import { pollUntil } from '../../local/pollUntil.ts'

// `npm run smoke -- URL [COMMIT]`: smoke test of a deployed Broker, through its gateway where it has one, with the
// subscription key in SUBSCRIPTION_KEY. All checks are repeated until they pass together, or the deadline is over.
// Without packages, so that the workflow runs it without an installation.

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { seconds: { type: 'string', default: '600' }, interval: { type: 'string', default: '10' } },
})
const [address, commit] = positionals
if (address === undefined) throw new Error('npm run smoke -- URL [COMMIT] [--seconds 600]')

const key = process.env.SUBSCRIPTION_KEY
const headers: Record<string, string> = key ? { 'ocp-apim-subscription-key': key } : {}
const API = 'broker/api/v1'
const NOWHERE = '00000000-0000-0000-0000-000000000000'
/** What one call may take; the first one after a deployment may be a cold start. */
const CALL_MS = 60_000

/** What is wrong, if anything is. */
type Check = () => Promise<string | undefined>

const checks: Record<string, Check> = {
  async 'Broker is up'() {
    const response = await get('health')
    return response.status === 200 ? undefined : `${response.status}: ${await response.text()}`
  },

  async 'it is the commit that was deployed'() {
    const version = await versionOf()
    if (commit === undefined ? version !== undefined : version?.endsWith(`+${commit}`)) return undefined
    return `it is ${version ?? 'without a version'}`
  },

  async 'the document is served, of the same version'() {
    const response = await get(`${API}/openapi.json`)
    if (response.status !== 200) return `${response.status}`
    const { info } = (await response.json()) as { info?: { version?: string } }
    const [release] = (await versionOf())?.split('+') ?? []
    return info?.version !== undefined && info.version === release ? undefined : `it is ${info?.version}, of ${release}`
  },

  async 'a call without a token is refused by a problem document'() {
    const response = await get(`${API}/filetransfer/${NOWHERE}/download`)
    const type = response.headers.get('content-type') ?? ''
    if (response.status !== 401 || !type.startsWith('application/problem+json')) return `${response.status}, ${type}`
    const { status } = (await response.json()) as { status?: number }
    return status === 401 ? undefined : `the document says ${status}`
  },

  // By the gateway with 413, by the Functions host with 500; a caller without access would otherwise get 401.
  async 'a body that declares too much is refused before it is sent'() {
    const length = String(Number.MAX_SAFE_INTEGER)
    const status = await statusBeforeBody(`${API}/filetransfer/${NOWHERE}/upload`, {
      ...headers,
      'content-type': 'application/octet-stream',
      'content-length': length,
    })
    return status === 413 || (status === 500 && !key) ? undefined : `${status}`
  },
}

const isHealthy = await pollUntil(passAllChecks, {
  withinMs: Number(values.seconds) * 1000,
  everyMs: Number(values.interval) * 1000,
})
if (!isHealthy) {
  console.error(`${address} does not answer as it should.`)
  process.exit(1)
}

async function passAllChecks(): Promise<boolean> {
  let isHealthy = true
  for (const [name, check] of Object.entries(checks)) {
    const failure = await check().catch((error: unknown) => reasonOf(error))
    if (failure !== undefined) isHealthy = false
    console.log(`${failure === undefined ? 'ok    ' : 'FAILED'} ${name} ${failure ?? ''}`)
  }
  return isHealthy
}

function reasonOf(error: unknown): string {
  const { message, cause } = error instanceof Error ? error : new Error(String(error))
  return cause instanceof Error ? `${message}: ${cause.message}` : message
}

function get(path: string): Promise<Response> {
  return fetch(new URL(path, `${address}/`), { headers, redirect: 'manual', signal: AbortSignal.timeout(CALL_MS) })
}

async function versionOf(): Promise<string | undefined> {
  const response = await get('health')
  await response.body?.cancel()
  return response.headers.get('x-broker-version') ?? undefined
}

/** The answer to the headers alone: the body never comes. */
async function statusBeforeBody(path: string, sent: Record<string, string>): Promise<number | undefined> {
  const url = new URL(path, `${address}/`)
  const options: RequestOptions = { method: 'POST', headers: sent, signal: AbortSignal.timeout(CALL_MS) }
  const request = url.protocol === 'https:' ? httpsRequest(url, options) : httpRequest(url, options)
  const answered = new Promise<IncomingMessage>((done, failed) => request.on('response', done).on('error', failed))
  request.flushHeaders()
  const { statusCode } = await answered
  request.on('error', () => {}).destroy()
  return statusCode
}
