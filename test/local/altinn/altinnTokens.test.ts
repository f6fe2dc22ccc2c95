import { type CryptoKey, createLocalJWKSet, decodeJwt, exportJWK, generateKeyPair, jwtVerify, SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { type Altinn, startAltinn } from '../../../local/altinn/simulator.js'

const metadata = z.object({ issuer: z.string(), jwks_uri: z.string(), token_endpoint: z.string().optional() })
const jwks = z.object({ keys: z.array(z.looseObject({ kty: z.string() })) })
const tokenAnswer = z.object({
  access_token: z.string(),
  token_type: z.literal('Bearer'),
  expires_in: z.number(),
  scope: z.string(),
})

const keys = await generateKeyPair('RS256', { extractable: true })
const strangers = await generateKeyPair('RS256')
const systemUser = '22222222-0000-4000-8000-000910753614'
let altinn: Altinn

const logged: string[] = []
beforeAll(async () => {
  const client = { id: 'broker', publicJwk: await exportJWK(keys.publicKey) }
  altinn = await startAltinn({ port: 0, client, log: (line) => logged.push(line) })
})
afterAll(() => altinn.stop())

const openid = '/authentication/api/v1/openid/.well-known/openid-configuration'
const oauth = '/maskinporten/.well-known/oauth-authorization-server'

async function discover(path: string) {
  const found = metadata.parse(await (await fetch(altinn.url + path)).json())
  const keySet = createLocalJWKSet(jwks.parse(await (await fetch(found.jwks_uri)).json()))
  return { ...found, verify: (token: string) => jwtVerify(token, keySet, { issuer: found.issuer }) }
}

type Assertion = { iss?: string; aud?: string; seconds?: number; scope?: string; key?: CryptoKey; actsFor?: string }

async function assertion(asked: Assertion) {
  const { iss = 'broker', aud, seconds = 100, scope = 'altinn:events.publish', key, actsFor } = asked
  const now = Math.floor(Date.now() / 1000)
  const systemUser = {
    type: 'urn:altinn:systemuser',
    systemuser_org: { authority: 'iso6523-actorid-upis', ID: actsFor },
  }
  return new SignJWT({ scope, ...(actsFor && { authorization_details: [systemUser] }) })
    .setProtectedHeader({ alg: 'RS256' })
    .setIssuer(iss)
    .setAudience(aud ?? `${altinn.url}/maskinporten/`)
    .setIssuedAt(now)
    .setExpirationTime(now + seconds)
    .sign(key ?? keys.privateKey)
}

const GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
async function grant(fields: Assertion, { grantType = GRANT, path = '/maskinporten/token' } = {}) {
  const body = new URLSearchParams({ grant_type: grantType, assertion: await assertion(fields) })
  return fetch(altinn.url + path, { method: 'POST', body })
}

const generated = (query: string) => fetch(`${altinn.url}/token?${query}`)
const exchange = (token: string, headers: Record<string, string> = {}) =>
  fetch(`${altinn.url}/authentication/api/v1/exchange/maskinporten?test=true`, {
    headers: { authorization: `Bearer ${token}`, ...headers },
  })

describe('the Maskinporten-like issuer', () => {
  test('gives its registered client a token that its published keys verify', async () => {
    const answer = await grant({ scope: 'altinn:events.publish altinn:authorization/authorize.admin' })

    const { access_token, expires_in, scope } = tokenAnswer.parse(await answer.json())
    const { payload } = await (await discover(oauth)).verify(access_token)
    expect({ status: answer.status, expires_in, scope }).toEqual({
      status: 200,
      expires_in: 120,
      scope: 'altinn:events.publish altinn:authorization/authorize.admin',
    })
    expect(payload).toMatchObject({
      client_id: 'broker',
      scope,
      consumer: { authority: 'iso6523-actorid-upis', ID: '0192:991825827' },
    })
  })

  test('names its token endpoint', async () => {
    expect((await discover(oauth)).token_endpoint).toBe(`${altinn.url}/maskinporten/token`)
  })

  test.each([
    ['signed by another key', { key: strangers.privateKey }],
    ['for another audience', { aud: 'https://maskinporten.no/' }],
    ['that lives longer than 120 seconds', { seconds: 121 }],
    ['that has expired', { seconds: -60 }],
    ['without a scope', { scope: ' ' }],
    ['by an unknown client, for another audience', { iss: 'x', aud: 'https://example.no/' }],
    ['by an unknown client, that has expired', { iss: 'x', aud: 'https://maskinporten.no/', seconds: -60 }],
  ])('refuses an assertion %s', async (_, fields) => {
    const answer = await grant(fields)

    expect(answer.status).toBe(400)
    expect(await answer.json()).toEqual({ error: 'invalid_grant', error_description: expect.any(String) })
  })

  test.each([
    'https://test.maskinporten.no/',
    'https://test.maskinporten.no/token',
    'https://maskinporten.no/',
    'https://ver2.maskinporten.no/',
    'http://127.0.0.1/',
    'http://localhost:7072/',
  ])(
    'gives a client that it does not know a token, whatever its key, for the audience %s, and says so once',
    async (aud) => {
      const iss = `client-of-910753614-for-${aud}`
      const asked = { iss, aud, key: strangers.privateKey, scope: 'altinn:broker.write', actsFor: '313896013' }
      const answers = [await grant(asked), await grant({ ...asked, actsFor: '0192:313896013' }, { path: '/token' })]

      for (const answer of answers) {
        const { access_token } = tokenAnswer.parse(await answer.json())
        expect((await (await discover(oauth)).verify(access_token)).payload).toMatchObject({
          client_id: iss,
          consumer: { ID: '0192:910753614' },
          authorization_details: [{ systemuser_id: [expect.any(String)], systemuser_org: { ID: '0192:313896013' } }],
        })
      }
      expect(logged.filter((line) => line.includes(`client ${iss} `))).toHaveLength(1)
    },
  )

  test('refuses another grant', async () => {
    const answer = await grant({}, { grantType: 'client_credentials' })

    expect(await answer.json()).toMatchObject({ error: 'unsupported_grant_type' })
  })
})

describe('the exchange', () => {
  test('turns a Maskinporten token into an Altinn token of the same organisation', async () => {
    const raw = tokenAnswer.parse(await (await grant({})).json())

    const answer = await exchange(raw.access_token)

    const { payload } = await (await discover(openid)).verify(await answer.text())
    expect(payload).toMatchObject({
      scope: 'altinn:events.publish',
      client_id: 'broker',
      consumer: { ID: '0192:991825827' },
      'urn:altinn:orgNumber': '991825827',
      'urn:altinn:authenticatemethod': 'maskinporten',
      'urn:altinn:authlevel': 3,
      'urn:altinn:org': 'ttd',
    })
  })

  test.each([
    ['application/json', 'application/json'],
    ['text/plain', 'text/plain'],
    ['application/json, text/plain, */*', 'text/plain'],
    ['*/*', 'text/plain'],
  ])('answers who accepts %s with %s', async (accept, type) => {
    const raw = tokenAnswer.parse(await (await grant({})).json())

    const answer = await exchange(raw.access_token, { accept })

    expect(answer.headers.get('content-type')).toContain(type)
    const token = type === 'application/json' ? await answer.json() : await answer.text()
    expect(decodeJwt(String(token))).toMatchObject({ client_id: 'broker' })
  })

  test.each([
    ['an Altinn token', 'org=991825827&scope=a'],
    ['an expired token', 'org=991825827&scope=a&kind=maskinporten&expiresIn=-5'],
  ])('refuses %s', async (_, query) => {
    expect((await exchange(await (await generated(query)).text())).status).toBe(401)
  })

  test('refuses what is no token', async () => {
    expect((await exchange('nonsense')).status).toBe(401)
  })
})

describe('the token generator', () => {
  test('makes an Altinn token of any organisation', async () => {
    const answer = await generated('org=123456785&scope=altinn:broker.read+altinn:broker.write')

    const { payload } = await (await discover(openid)).verify(await answer.text())
    expect(answer.headers.get('content-type')).toMatch(/^text\/plain/)
    expect(payload).toMatchObject({
      scope: 'altinn:broker.read altinn:broker.write',
      'urn:altinn:orgNumber': '123456785',
    })
    expect(payload).not.toHaveProperty('urn:altinn:org')
  })

  test('makes a raw Maskinporten token, without the claims of Altinn', async () => {
    const answer = await generated('org=986252932&scope=a&kind=maskinporten')

    const { payload } = await (await discover(oauth)).verify(await answer.text())
    expect(payload).toMatchObject({ consumer: { ID: '0192:986252932' } })
    expect(payload).not.toHaveProperty('urn:altinn:orgNumber')
  })

  test('makes a system user of the organisation, whose vendor is the consumer', async () => {
    const answer = await generated(`org=910753614&scope=a&systemUser=${systemUser}&vendor=974760673`)

    expect(decodeJwt(await answer.text())).toMatchObject({
      consumer: { ID: '0192:974760673' },
      'urn:altinn:orgNumber': '910753614',
      authorization_details: [
        {
          type: 'urn:altinn:systemuser',
          systemuser_id: [systemUser],
          systemuser_org: { authority: 'iso6523-actorid-upis', ID: '0192:910753614' },
          system_id: expect.any(String),
        },
      ],
    })
  })

  test('makes a token that has expired already', async () => {
    const { exp = 0, iat = 0 } = decodeJwt(await (await generated('org=986252932&scope=a&expiresIn=-60')).text())

    expect(exp).toBeLessThan(Date.now() / 1000 - 50)
    expect(iat).toBeLessThan(exp)
  })

  test.each([
    ['an organisation number that is not nine digits', 'org=12&scope=a', 'org must be nine digits'],
    ['no scope', 'org=991825827', 'scope'],
    ['a system user that is no UUID', 'org=991825827&scope=a&systemUser=x', 'systemUser must be a UUID'],
    ['a lifetime that is no number', 'org=991825827&scope=a&expiresIn=soon', 'expiresIn must be whole seconds'],
    ['a kind it does not know', 'org=991825827&scope=a&kind=idporten', 'kind must be altinn or maskinporten'],
    ['a parameter it does not know', 'org=991825827&scopes=a', 'scopes'],
  ])('refuses %s and says so', async (_, query, says) => {
    const answer = await generated(query)

    expect(answer.status).toBe(400)
    expect(await answer.text()).toContain(says)
  })

  test('makes the tokens that Altinn’s test tools are asked for', async () => {
    const query = 'env=tt02&scopes=altinn:broker.write%20altinn:serviceowner&org=ttd&orgNo=991825827&ttl=60'
    const headers = { authorization: `Basic ${Buffer.from('somebody:password').toString('base64')}` }

    const answer = await fetch(`${altinn.url}/api/GetEnterpriseToken?${query}`, { headers })

    const { payload } = await (await discover(openid)).verify(await answer.text())
    expect(payload).toMatchObject({
      scope: 'altinn:broker.write altinn:serviceowner',
      'urn:altinn:orgNumber': '991825827',
      'urn:altinn:org': 'ttd',
    })
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(60)
    expect((await fetch(`${altinn.url}/api/GetEnterpriseToken?orgNo=12&scopes=a`)).status).toBe(400)
  })
})
