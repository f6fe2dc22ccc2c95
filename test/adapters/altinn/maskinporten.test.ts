import { decodeJwt, exportJWK, generateKeyPair, type JWK, type JWTPayload } from 'jose'
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { type Altinn, startAltinn } from '../../../local/altinn/simulator.js'
import { maskinportenTokens } from '../../../src/adapters/altinn/maskinporten.js'
import { type Retry, withRetry } from '../../../src/adapters/altinn/platform.js'

const maskinporten = 'https://maskinporten.example/'
const platformUrl = new URL('https://platform.example/')
const scope = 'altinn:events.publish'
let key: JWK

beforeAll(async () => {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true })
  key = { ...(await exportJWK(privateKey)), kid: 'broker-1', alg: 'RS256' }
})

type Asked = { path: string; assertion: JWTPayload | undefined; authorization: string | null }
let asked: Asked[]
let failing: boolean
/** The number of grants whose answer does not arrive. */
let lost = 0

// Maskinporten and Altinn's exchange, which number the tokens that they give.
const fakeFetch: typeof fetch = async (input, init) => {
  const { href } = new URL(String(input))
  const assertion = init?.body instanceof URLSearchParams ? decodeJwt(init.body.get('assertion') ?? '') : undefined
  asked.push({ path: href, assertion, authorization: new Headers(init?.headers).get('authorization') })
  if (href.endsWith('/token') && lost-- > 0) throw new TypeError('fetch failed')
  if (failing) return answer(503, 'down', href)
  if (href.endsWith('/metadata')) {
    return answer(200, JSON.stringify({ issuer: maskinporten, token_endpoint: `${maskinporten}token` }), href)
  }
  const count = asked.filter(({ path }) => path.endsWith('/token')).length
  if (href.endsWith('/token'))
    return answer(200, JSON.stringify({ access_token: `granted-${count}`, expires_in: 120 }), href)
  return answer(200, `"altinn-${count}"`, href)
}

const answer = (status: number, body: string, url: string) =>
  Object.defineProperty(new Response(body, { status }), 'url', { value: url })

const tokens = (trying: Retry = (ask) => ask(AbortSignal.timeout(5_000))) =>
  maskinportenTokens({
    metadataUrl: `${maskinporten}metadata`,
    clientId: 'broker',
    jwk: Buffer.from(JSON.stringify(key)).toString('base64'),
    platformUrl,
    fetch: fakeFetch,
    withRetry: trying,
  })

beforeEach(() => {
  asked = []
  failing = false
  lost = 0
  vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-03-02T10:00:00Z') })
})
afterEach(() => vi.useRealTimers())

const grants = () => asked.filter(({ path }) => path.endsWith('/token'))

describe('Broker’s own token', () => {
  test('is granted by Maskinporten and exchanged at Altinn', async () => {
    expect(await tokens()(scope)).toBe('altinn-1')

    expect(asked.map(({ path, authorization }) => [path, authorization])).toEqual([
      ['https://maskinporten.example/metadata', null],
      ['https://maskinporten.example/token', null],
      ['https://platform.example/authentication/api/v1/exchange/maskinporten', 'Bearer granted-1'],
    ])
  })

  test('is asked for with an assertion that lives at most two minutes and is used once', async () => {
    const token = tokens()
    await token(scope)
    await token('another')

    const [first, second] = grants().map(({ assertion }) => assertion)

    expect(first).toMatchObject({ iss: 'broker', aud: maskinporten, scope })
    expect((first?.exp ?? 0) - (first?.iat ?? 0)).toBeLessThanOrEqual(120)
    expect(first?.jti).not.toBe(second?.jti)
  })

  test('is asked for with another assertion when the first try fails', async () => {
    lost = 1

    await tokens(withRetry(5_000))(scope)

    const ids = grants().map(({ assertion }) => assertion?.jti)
    expect(new Set(ids).size).toBe(2)
  })

  test('is used until a minute before it expires', async () => {
    const token = tokens()
    await token(scope)

    vi.setSystemTime(new Date('2026-03-02T10:00:59Z'))
    expect(await token(scope)).toBe('altinn-1')
    vi.setSystemTime(new Date('2026-03-02T10:01:01Z'))
    expect(await token(scope)).toBe('altinn-2')
    expect(grants()).toHaveLength(2)
  })

  test('is asked for once by many callers', async () => {
    const token = tokens()

    const all = await Promise.all([token(scope), token(scope), token(scope)])

    expect(all).toEqual(['altinn-1', 'altinn-1', 'altinn-1'])
    expect(grants()).toHaveLength(1)
  })

  test('is another for another scope', async () => {
    const token = tokens()

    expect(await token(scope)).not.toBe(await token('altinn:register/partylookup.admin'))
  })

  test('is asked for again after a failure', async () => {
    const token = tokens()
    failing = true
    await expect(Promise.all([token(scope), token(scope)])).rejects.toThrow('503')

    failing = false

    expect(await token(scope)).toBe('altinn-1')
  })

  test('is never in the words of a failure', async () => {
    failing = true

    await expect(tokens()(scope)).rejects.toThrow(/^\/metadata answered 503\.$/)
  })
})

describe('the Maskinporten and Altinn of the local stack', () => {
  let altinn: Altinn
  afterEach(() => altinn.stop())

  test('give Broker its token', async () => {
    vi.useRealTimers()
    const { d, p, q, dp, dq, qi, ...publicJwk } = key
    altinn = await startAltinn({ port: 0, client: { id: 'broker', publicJwk } })

    const token = maskinportenTokens({
      metadataUrl: `${altinn.url}/maskinporten/.well-known/oauth-authorization-server`,
      clientId: 'broker',
      jwk: Buffer.from(JSON.stringify(key)).toString('base64'),
      platformUrl: new URL(`${altinn.url}/`),
      fetch,
      withRetry: withRetry(5_000),
    })

    expect(decodeJwt(await token(scope))).toMatchObject({ scope, 'urn:altinn:orgNumber': '991825827' })
  })
})
