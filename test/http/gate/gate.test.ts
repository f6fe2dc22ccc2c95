import { createHash } from 'node:crypto'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { err, ok } from '../../../src/domain/result.js'
import { contract, operations } from '../../../src/http/contract/contract.js'
import type { Operation, TusResource } from '../../../src/http/contract/operation.js'
import { tusRows } from '../../../src/http/contract/tusRows.js'
import { rateLimiter } from '../../../src/http/gate/rateLimit.js'
import { securityLog } from '../../../src/http/gate/securityLog.js'
import { statisticsGuard } from '../../../src/http/gate/statisticsGuard.js'
import { subscriptionKeyCheck } from '../../../src/http/gate/subscriptionKey.js'
import { webhookGuard } from '../../../src/http/gate/webhookGuard.js'
import { serveWith } from '../../../src/http/serving/serve.js'
import { serveTusWith } from '../../../src/http/tus/serveTus.js'
import { answerOf, fileTransferId, type HttpCall, kari } from '../../support/builders.js'

// What every row answers to requests that may not pass, and what is logged of them: in refusals.txt the statuses, and a
// digest of the whole answers with their log lines. `npx vitest run test/http/gate/gate.test.ts --update` writes it
// anew.

const KEY = 'a-key'
const keyHash = createHash('sha256').update(KEY).digest('hex')
const PAGE = 'https://app.example'

beforeEach(() => void vi.spyOn(Math, 'random').mockReturnValue(0.5))
afterEach(() => void vi.restoreAllMocks())

const jsonRows = Object.entries<Operation>(operations)
const tusMethods = Object.entries<TusResource>(tusRows).flatMap(([name, resource]) =>
  resource.methods.map((method) => [`${name} ${method}`, resource, method] as const),
)
type Row = { label: string; scopes: readonly string[]; method: string; isTus: boolean; serve(handle: Handle): Served }
type Served = (call: HttpCall) => ReturnType<typeof answerOf>
/** What the use case does: the file is read before it. */
type Handle = () => Promise<unknown>

/** All rows with an empty log, the keys and the limits of a new instance. */
function rows({ limit = 1000, isStopping }: { limit?: number | undefined; isStopping: boolean }) {
  const lines: string[] = []
  const log = (code: string, details: object = {}) => {
    const { error, ...rest } = details as { error?: unknown }
    lines.push(JSON.stringify({ code, ...rest, ...(error !== undefined && { error: String(error) }) }))
  }
  const holder = (scopes: string, organization = kari) => ({
    organization,
    vendor: undefined,
    scopes: scopes.split(','),
    claims: { client_id: 'client-1', jti: 'token-1' },
  })
  const verify = async (token: string) => {
    const [kind, scopes = ''] = token.split(';')
    if (kind === 'unreachable') throw Object.assign(new Error('No keys.'), { code: 'ECONNREFUSED' })
    if (kind === 'expired') return { refused: 'its time is over.', expired: holder(scopes) }
    return kind === 'good' ? { caller: holder(scopes) } : { refused: 'it is none.' }
  }
  const names = Object.keys(contract)
  const edge: Parameters<typeof serveWith>[0] = {
    verify,
    log,
    checkKey: subscriptionKeyCheck([keyHash]),
    rateLimit: rateLimiter(Object.fromEntries(names.map((name) => [name, limit])), () => 0),
    security: (refusal) => securityLog({ log, measure: () => {}, nowMs: () => 0 })(refusal), // every line, not ten
    corsOrigins: [PAGE],
    ...(isStopping && { shutdown: AbortSignal.abort() }),
  }
  const now = () => new Date('2026-03-02T10:00:00Z')
  const guards = {
    receiveScanResults: webhookGuard({ secretHash: keyHash, verify: undefined }),
    generateDailySummary: statisticsGuard({ keyHash, limit, now }),
    downloadDailySummary: statisticsGuard({ keyHash, limit, now }),
  }
  const all: Row[] = [
    ...jsonRows.map(([label, row]) => ({
      label,
      scopes: row.scopes,
      method: row.method,
      isTus: false,
      serve: (handle: Handle): Served => {
        const handler = async ({ file }: { file: { body: AsyncIterable<Uint8Array> } }) => {
          if (isStopping) for await (const _ of file.body);
          return (await handle()) as never
        }
        const served = serveWith(edge)(row, handler, guards[label as keyof typeof guards])
        return (call) => answerOf(served, call)
      },
    })),
    ...tusMethods.map(([label, resource, method]) => ({
      label,
      scopes: ['altinn:broker.write'],
      method,
      isTus: true,
      serve: (handle: Handle): Served => {
        const served = serveTusWith(edge)(resource, async ({ body }) => {
          if (isStopping) for await (const _ of body);
          return (await handle()) as never
        })
        return (call) => answerOf(served, call)
      },
    })),
  ]
  return { all: all.sort((one, other) => (one.label < other.label ? -1 : 1)), lines }
}

const goodBody = (label: string): { headers: Record<string, string>; body: string } => {
  const row = jsonRows.find(([name]) => name === label)?.[1]
  if (!row) return { headers: { 'content-type': 'application/offset+octet-stream' }, body: 'bytes' }
  const headers: Record<string, string> = row.consumes ? { 'content-type': row.consumes } : {}
  if (row.body === undefined || row.body === 'file') return { headers, body: 'bytes' }
  if (row.body === 'json') return { headers: { 'content-type': 'application/json' }, body: '{}' }
  const isForm = 'form' in row.body
  return {
    headers: { 'content-type': isForm ? 'multipart/form-data; boundary=x' : 'application/json' },
    body: isForm ? '--x--' : '{"name":"Ola","approved":true,"organizations":["0192:986252932"]}',
  }
}

/** A request that a row lets through to its use case, if its body is good. */
function goodCall({ label, scopes, method, isTus }: Row): HttpCall & { headers: Record<string, string> } {
  const { headers, body } = goodBody(label)
  return {
    method,
    path: `/some/path?code=${KEY}&year=2026&month=1&resourceId=res&role=Sender`,
    params: { fileTransferId, resourceId: 'some-resource', partId: '0123456789abcdef0123456789abcdef' },
    headers: {
      ...headers,
      'ocp-apim-subscription-key': KEY,
      'x-api-key': KEY,
      'x-forwarded-for': '198.51.100.1, 203.0.113.7:80',
      ...(scopes.length > 0 && { authorization: `Bearer good;${scopes[0]}` }),
      ...(isTus && { 'tus-resumable': '1.0.0' }),
    },
    body: method === 'GET' || method === 'HEAD' ? '' : body,
  }
}

type Change = Record<string, string | undefined>
const without = { key: { 'ocp-apim-subscription-key': undefined }, token: { authorization: undefined } }
const CODED = { 'content-encoding': 'gzip', 'content-range': 'bytes 0-1/2' }
const WORST = {
  ...without.key,
  ...without.token,
  'x-api-key': undefined,
  'content-type': 'text/x',
  accept: 'image/png',
  'tus-resumable': undefined,
  ...CODED,
}
const WORSE = { ...WORST, 'ocp-apim-subscription-key': KEY }
const WORSE_TYPED = { ...WORSE, accept: '*/*', 'content-type': undefined }
const TUS_BAD = { authorization: 'Bearer good;x', 'tus-resumable': '0.2.0', ...CODED }
const outage = Object.assign(new Error('Down.'), { statusCode: 503, retryAfter: '17' })
const done: Handle = async () => ok({ status: 200 })
const fails = (error: Error) => async () => Promise.reject(error)

type Case = { headers?: Change; call?: HttpCall; handle?: Handle; of?: 'tus' | 'json'; limit?: number; stops?: boolean }
const cases: Record<string, Case> = {
  'a good request': {},
  'a good request of a known page': { headers: { origin: PAGE } },
  'a good request of an unknown page': { headers: { origin: 'https://other.example' } },
  'no key': { headers: without.key },
  'a wrong key': { headers: { 'ocp-apim-subscription-key': 'another' } },
  'no token': { headers: without.token },
  'no token, from a known page': { headers: { ...without.token, origin: PAGE } },
  'another scheme': { headers: { authorization: 'Basic abc' } },
  'a bad token': { headers: { authorization: 'Bearer bad' } },
  'an expired token': { headers: { authorization: 'Bearer expired;altinn:broker.write' } },
  'an expired token without the scope': { headers: { authorization: 'Bearer expired;x' } },
  'a token without the scope': { headers: { authorization: 'Bearer good;x' } },
  'a token that cannot be checked': { headers: { authorization: 'Bearer unreachable' } },
  'one call too many': { limit: 1 },
  'no key for statistics, and no secret': {
    headers: { 'x-api-key': undefined },
    call: { path: '/some/path' },
    of: 'json',
  },
  'all wrong': { headers: WORST, call: { path: '/some/path' } },
  'all wrong but the key': { headers: WORSE, call: { path: '/some/path' } },
  'all wrong but the key and what is accepted': { headers: WORSE_TYPED, call: { path: '/some/path' } },
  'wrong scope and version, and coded': { headers: TUS_BAD },
  'one call too many and a wrong version, coded': {
    headers: { 'tus-resumable': '0.2.0', ...CODED },
    limit: 1,
  },
  'another content type': { headers: { 'content-type': 'text/x' } },
  'another accepted type': { headers: { accept: 'image/png' } },
  'a coded body': { headers: { 'content-encoding': 'gzip' } },
  'a bad body and bad parameters': { call: { body: '{', params: { fileTransferId: 'x', resourceId: '' } } },
  'no version of TUS': { headers: { 'tus-resumable': undefined }, of: 'tus' },
  'another version of TUS': { headers: { 'tus-resumable': '0.2.0' }, of: 'tus' },
  'an unknown method in place of another': {
    headers: { 'x-http-method-override': 'CONNECT' },
    call: { method: 'POST' },
    of: 'tus',
  },
  'a method in place of another': {
    headers: { 'x-http-method-override': 'delete' },
    call: { method: 'POST' },
    of: 'tus',
  },
  'a preflight of a known page': {
    headers: { ...WORST, origin: PAGE, 'access-control-request-method': 'PATCH' },
    call: { method: 'OPTIONS' },
    of: 'tus',
  },
  'a preflight of an unknown page': {
    headers: { ...WORSE, origin: 'https://other.example', 'access-control-request-method': 'PATCH' },
    call: { method: 'OPTIONS' },
    of: 'tus',
  },
  'no access': { handle: async () => err('NoAccessToResource') },
  'a problem of Broker': { handle: async () => err('FileTransferNotFound') },
  'a problem that passes': { handle: async () => err('FileTransferBusy') },
  'a problem of TUS': { handle: async () => err('UploadLocked'), of: 'tus' },
  'an expired token that began nothing': { handle: async () => err('TokenExpired'), of: 'tus' },
  'a wrong header of TUS': { handle: async () => err({ wrong: 'It is wrong.' }), of: 'tus' },
  'an outage': { handle: fails(outage) },
  'an outage that says nothing': { handle: fails(Object.assign(new Error('Down.'), { code: 'ECONNRESET' })) },
  'an outage after a transfer was begun': {
    handle: fails(Object.assign(new Error('x', { cause: outage }), { fileTransferId })),
  },
  'an unexpected failure': { handle: fails(new Error('Oops.')) },
  'a stop while the file is read': { stops: true },
}

test('every row refuses as refusals.txt says', async () => {
  const table: string[] = []
  for (const [title, each] of Object.entries(cases)) {
    const answers = await answersTo(each)
    const statuses = Map.groupBy(answers, ({ status }) => status)
    const counts = [...statuses].sort(([a], [b]) => a - b).map(([status, all]) => `${all.length} × ${status}`)
    table.push(`${title}: ${counts.join(', ')} (${digest(JSON.stringify(answers))})`)
  }

  await expect(`${table.join('\n')}\n`).toMatchFileSnapshot('refusals.txt')
})

async function answersTo({ headers = {}, call = {}, handle = done, of, limit, stops = false }: Case) {
  const { all, lines } = rows({ limit, isStopping: stops })
  const answers: { row: string; status: number; headers: [string, string][]; text: string; lines: string[] }[] = []
  for (const row of all.filter(({ isTus }) => of === undefined || isTus === (of === 'tus'))) {
    const good = goodCall(row)
    const sent = Object.entries({ ...good.headers, ...headers }).filter(([, value]) => value !== undefined)
    const request = { ...good, ...call, headers: Object.fromEntries(sent) as Record<string, string> }
    const served = row.serve(handle)
    if (limit !== undefined) await served(request)
    lines.length = 0
    const answer = await served(request)
    answers.push({
      row: row.label,
      status: Number(answer.status),
      headers: [...answer.headers],
      text: answer.text,
      lines: [...lines],
    })
  }
  return answers
}

const digest = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 16)
