import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { err, ok } from '../../../src/domain/result.js'
import { contract, operations } from '../../../src/http/contract/contract.js'
import type { Operation } from '../../../src/http/contract/operation.js'
import { securityLog } from '../../../src/http/gate/securityLog.js'
import { statisticsGuard } from '../../../src/http/gate/statisticsGuard.js'
import { subscriptionKeyCheck } from '../../../src/http/gate/subscriptionKey.js'
import { webhookGuard } from '../../../src/http/gate/webhookGuard.js'
import { serveWith } from '../../../src/http/serving/serve.js'
import { serveTusWith, type TusHandle } from '../../../src/http/tus/serveTus.js'
import type { Caller } from '../../../src/usecases/ports/access.js'
import type { Log } from '../../../src/usecases/ports/telemetry.js'
import { answerOf, fileTransferId, type HttpCall, kari, traceParent } from '../../support/builders.js'

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
const KEY = 'a-key-of-the-gateway'
const keyHash = sha256(KEY)

let lines: Record<string, unknown>[] = []
let counted: Record<string, string>[] = []
let nowMs = 0
let isLimited = false
beforeEach(() => {
  lines = []
  counted = []
  nowMs = 0
  isLimited = false
})

const log: Log = (code, details = {}) => void lines.push({ code, ...details })
const newSecurityLog = () =>
  securityLog({ log, measure: (_, __, attributes = {}) => void counted.push(attributes), nowMs: () => nowMs })

const holder = (scopes: string[], claims: Record<string, unknown> = {}): Caller => ({
  organization: kari,
  vendor: undefined,
  scopes,
  claims: { client_id: 'client-1', jti: 'token-1', pid: '01019012345', ...claims },
})
/** Says what becomes of a token: `good:` and scopes, `expired`, or anything else, which is bad. */
const verify = async (token: string) => {
  if (token === 'an-expired-token') return { refused: 'Its time is up.', expired: holder(['altinn:broker.write']) }
  const [kind, scopes = ''] = token.split(';')
  return kind === 'a-good-token' ? { caller: holder(scopes.split(',')) } : { refused: `What is ${token}?` }
}

function edge(checkKey = subscriptionKeyCheck([])) {
  const security = newSecurityLog()
  const deps = { verify, checkKey, security, log, rateLimit: () => (isLimited ? 7 : undefined) }
  return { serve: serveWith(deps), serveTus: serveTusWith(deps) }
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
const WRITE = 'a-good-token;altinn:broker.write'
const params = { fileTransferId }

const confirming = (
  call: HttpCall,
  answer = async () => ok({}) as never,
  checkKey?: ReturnType<typeof subscriptionKeyCheck>,
) => answerOf(edge(checkKey).serve(contract.confirmDownload, answer), { method: 'POST', params, ...call })
const READ = { headers: bearer('a-good-token;altinn:broker.read') }
const tus = (
  call: HttpCall,
  handle: TusHandle = async () => ok({ status: 200 }),
  checkKey?: ReturnType<typeof subscriptionKeyCheck>,
) =>
  answerOf(edge(checkKey).serveTus(contract.tusUpload, handle), {
    method: 'HEAD',
    params,
    ...call,
    headers: { 'tus-resumable': '1.0.0', ...call.headers },
  })

const known = { organization: kari, clientId: 'client-1', tokenId: 'token-1' }
const hashOf = (token: string) => ({
  organization: undefined,
  clientId: undefined,
  tokenId: sha256(token).slice(0, 16),
})
const nobody = { organization: undefined, clientId: undefined, tokenId: undefined }
const noAccess = async () => err('NoAccessToResource') as never
const limited = <Value>(call: () => Value) => {
  isLimited = true
  return call()
}

describe('a refusal is one line, counted', () => {
  test.each<[string, () => Promise<unknown>, string, object]>([
    [
      'a missing key of the gateway',
      () => confirming({}, undefined, subscriptionKeyCheck([keyHash])),
      'subscriptionKey',
      nobody,
    ],
    ['no token', () => confirming({}), 'tokenMissing', nobody],
    ['a bad token', () => confirming({ headers: bearer('bad') }), 'tokenInvalid', hashOf('bad')],
    ['an expired token', () => confirming({ headers: bearer('an-expired-token') }), 'tokenExpired', known],
    ['a token without the scope', () => confirming({ headers: bearer(WRITE) }), 'scope', known],
    ['no access', () => confirming(READ, noAccess), 'access', known],
    [
      'a recipient outside the access list',
      () => confirming(READ, async () => err('RecipientNotInAccessList') as never),
      'access',
      known,
    ],
    [
      'no access, after a transfer was begun',
      () => confirming(READ, async () => err({ problem: 'NoAccessToResource', fileTransferId }) as never),
      'access',
      known,
    ],
    ['one call too many', () => limited(() => confirming(READ)), 'rateLimit', known],
    [
      'TUS: a missing key of the gateway',
      () => tus({}, undefined, subscriptionKeyCheck([keyHash])),
      'subscriptionKey',
      nobody,
    ],
    ['TUS: no token', () => tus({}), 'tokenMissing', nobody],
    ['TUS: a bad token', () => tus({ headers: bearer('bad') }), 'tokenInvalid', hashOf('bad')],
    [
      'TUS: an expired token of somebody who began nothing',
      () => tus({ headers: bearer('an-expired-token') }, async () => err('TokenExpired')),
      'tokenExpired',
      known,
    ],
    [
      'TUS: an expired token that only asks what is spoken',
      () => tus({ method: 'OPTIONS', headers: bearer('an-expired-token') }),
      'tokenExpired',
      known,
    ],
    ['TUS: a token without the scope', () => tus({ headers: bearer('a-good-token;x') }), 'scope', known],
    ['TUS: no access', () => tus({ headers: bearer(WRITE) }, noAccess), 'access', known],
    ['TUS: one call too many', () => limited(() => tus({ headers: bearer(WRITE) })), 'rateLimit', known],
  ])('%s', async (_, call, reason, who) => {
    await call()

    const operation = 'someOperation'
    const line = { code: 'security.refused', operation, reason }
    expect(lines).toEqual([{ ...line, ...who, traceId: traceParent }])
    expect(counted).toEqual([{ operation, reason }])
  })

  const guarded = Object.entries<Operation>(operations).filter(([, { scopes }]) => scopes.length > 0)
  test.each(guarded)('of every operation that needs a token: %s', async (_, operation) => {
    const { serve } = edge()
    const call = { method: operation.method, headers: { 'content-type': operation.consumes ?? 'application/json' } }
    const answers = [undefined, 'bad', 'an-expired-token', 'a-good-token;none'].map((token) =>
      answerOf(
        serve(operation, async () => ok({}) as never),
        {
          ...call,
          headers: { ...call.headers, ...(token && bearer(token)) },
        },
      ),
    )

    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([401, 401, 401, 403])
    expect(lines.map(({ reason }) => reason).toSorted()).toEqual([
      'scope',
      'tokenExpired',
      'tokenInvalid',
      'tokenMissing',
    ])
  })

  test('of the webhook and of the reports', async () => {
    const { serve } = edge()
    const now = () => new Date('2026-03-02T10:00:00Z')
    const report = serve(contract.downloadDailySummary, async () => ok({}), statisticsGuard({ keyHash, limit: 1, now }))
    const webhook = serve(
      contract.receiveScanResults,
      async () => ok({}),
      webhookGuard({ secretHash: keyHash, verify: undefined }),
    )

    await answerOf(webhook, { method: 'POST', path: '/x?code=wrong', body: '[]' })
    await answerOf(webhook, { method: 'POST', path: `/x?code=${KEY}`, body: '[]' })
    for (const key of ['wrong', KEY, KEY]) await answerOf(report, { headers: { 'x-api-key': key } })

    expect(lines.map(({ reason }) => reason)).toEqual(['webhook', 'statisticsKey', 'rateLimit'])
  })

  test('but not what is refused for another reason, or is no refusal', async () => {
    await confirming({ ...READ, params: { fileTransferId: 'none' } })
    await confirming(READ, async () => err('FileTransferNotPublished') as never)
    await confirming(READ)
    await tus({ headers: bearer(WRITE) }, async () => err('UploadNotFound'))
    await tus({ headers: bearer('an-expired-token') })

    expect(lines).toEqual([])
    expect(counted).toEqual([])
  })
})

describe('a line of the security log', () => {
  const refusal = { operation: 'op', reason: 'access' as const, token: 'the-token', traceId: 'trace' }

  test('is one line, and short, whatever the claims are', () => {
    const claims = { client_id: `a\n{"level":"error"}\u2028\u202E${'x'.repeat(1000)}`, jti: '\r\n\u001B[2K' }

    newSecurityLog()({ ...refusal, caller: holder([], claims) })

    const [line] = lines
    expect(String(line?.clientId)).toMatch(/^a\{"level":"error"\}x+$/)
    expect(String(line?.clientId).length).toBeLessThanOrEqual(100)
    expect(line?.tokenId).toBe('[2K')
  })

  test.each([[undefined], [''], [7], ['\n']])('has a hash of the token where it has no id: %j', (jti) => {
    newSecurityLog()({ ...refusal, caller: holder([], { jti }) })

    expect(lines).toMatchObject([{ tokenId: sha256('the-token').slice(0, 16) }])
  })

  test('never has a token, a key or a person in it', async () => {
    const secret = fc.string({ minLength: 20, unit: 'grapheme-ascii' }).map((text) => text.replace(/[\s;,]/g, 'x'))
    const kinds = fc.constantFrom('', 'a-good-token;', 'a-good-token;altinn:broker.write,', 'an-expired-token')

    await fc.assert(
      fc.asyncProperty(secret, secret, kinds, fc.boolean(), async (token, key, kind, isTus) => {
        lines = []
        const sent = kind === 'an-expired-token' ? kind : `${kind}${token}`
        const headers = { ...bearer(sent), 'ocp-apim-subscription-key': key, 'x-api-key': key, 'x-webhook-secret': key }
        const checks = [subscriptionKeyCheck([keyHash]), undefined]
        for (const check of checks) {
          await (isTus ? tus({ headers }, noAccess, check) : confirming({ headers }, noAccess, check))
        }
        const { serve } = edge()
        const admit = webhookGuard({ secretHash: keyHash, verify })
        await answerOf(serve(contract.receiveScanResults, noAccess, admit), {
          method: 'POST',
          path: `/x?code=${encodeURIComponent(key)}`,
          headers,
          body: '[]',
        })
        const statistics = statisticsGuard({ keyHash, limit: 1, now: () => new Date() })
        await answerOf(serve(contract.downloadDailySummary, noAccess, statistics), { headers })

        const text = JSON.stringify(lines)
        expect(lines.length).toBeGreaterThan(2)
        for (const each of [sent, token, key, '01019012345']) {
          expect(text).not.toContain(each)
          expect(text).not.toContain(JSON.stringify(each).slice(1, -1))
        }
      }),
    )
  })
})

describe('under a flood', () => {
  const refusal = { operation: 'op', reason: 'tokenInvalid' as const, token: undefined, traceId: 'trace' }

  test('ten lines a minute of an operation and reason are written, then how many more there were; all are counted', () => {
    const security = newSecurityLog()

    for (let at = 0; at < 1000; at++) security(refusal)
    security({ ...refusal, operation: 'another' })
    security({ ...refusal, reason: 'scope' })
    expect(lines).toHaveLength(12)
    nowMs = 59_999
    security(refusal)
    expect(lines).toHaveLength(12)
    nowMs = 60_000
    security({ ...refusal, operation: 'another' })

    const more = { code: 'security.moreRefused' }
    expect(lines.slice(12)).toMatchObject([
      { ...more, operation: 'op', reason: 'tokenInvalid', count: 991 },
      { code: 'security.refused', operation: 'another' },
    ])
    expect(counted).toHaveLength(1004)
  })

  test('the count is written soon after the last refusal, too', () => {
    vi.useFakeTimers()
    try {
      const security = newSecurityLog()
      for (let at = 0; at < 30; at++) security(refusal)

      nowMs = 61_000
      vi.advanceTimersByTime(61_000)

      expect(lines.at(-1)).toMatchObject({ code: 'security.moreRefused', operation: 'op', count: 20 })
      expect(vi.getTimerCount()).toBe(0)
    } finally {
      vi.useRealTimers()
    }
  })

  test('no line is lost, and none is written but ten a minute', () => {
    const steps = fc.array(fc.record({ operation: fc.constantFrom('a', 'b'), afterMs: fc.nat(20_000) }), {
      maxLength: 200,
    })

    fc.assert(
      fc.property(steps, (refusals) => {
        lines = []
        nowMs = 0
        const security = newSecurityLog()
        for (const { operation, afterMs } of refusals) {
          nowMs += afterMs
          security({ ...refusal, operation })
        }
        nowMs += 60_000
        security({ ...refusal, operation: 'the end' })

        for (const operation of ['a', 'b']) {
          const own = lines.filter((line) => line.operation === operation)
          const told = own.reduce((sum, { count = 1 }) => sum + Number(count), 0)
          expect(told).toBe(refusals.filter((each) => each.operation === operation).length)
          const minutes = Math.ceil((nowMs + 1) / 60_000)
          expect(own.filter(({ count }) => count === undefined).length).toBeLessThanOrEqual(10 * minutes)
        }
      }),
    )
  })
})
