import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type CryptoKey, exportJWK, exportSPKI, generateKeyPair, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { type Altinn, startAltinn } from '../../../local/altinn/simulator.js'
import { tokenVerifier } from '../../../src/adapters/altinn/tokens.js'
import { isOutage } from '../../../src/domain/outage.js'
import { kari } from '../../support/builders.js'

const nowSeconds = () => Math.floor(Date.now() / 1000)
const asked = { metadata: 0, keys: 0 }
let keysStatus = 200
let metadataStatus = 200
let server: Server
let issuer: string
let metadata: string
let privateKey: CryptoKey
let publicPem: string

// An issuer with one key, that counts what it is asked for and fails on demand.
beforeAll(async () => {
  const pair = await generateKeyPair('RS256', { extractable: true })
  privateKey = pair.privateKey
  publicPem = await exportSPKI(pair.publicKey)
  const jwk = { ...(await exportJWK(pair.publicKey)), kid: 'key-1', alg: 'RS256', use: 'sig' }
  server = createServer((request, response) => {
    const isMetadata = request.url === '/.well-known/openid-configuration'
    asked[isMetadata ? 'metadata' : 'keys']++
    const document = isMetadata ? { issuer, jwks_uri: `${issuer}jwks` } : { keys: [jwk] }
    response.writeHead(isMetadata ? metadataStatus : keysStatus, { 'content-type': 'application/json' })
    response.end(JSON.stringify(document))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  metadata = `${issuer}.well-known/openid-configuration`
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})
beforeEach(() => {
  Object.assign(asked, { metadata: 0, keys: 0 })
  keysStatus = 200
  metadataStatus = 200
})

const claims = (): JWTPayload => ({
  iss: issuer,
  exp: nowSeconds() + 600,
  scope: 'altinn:broker.read',
  'urn:altinn:orgNumber': kari,
})
const sign = (
  payload: JWTPayload,
  header: { kid?: string; alg?: string } = {},
  key: CryptoKey | Uint8Array = privateKey,
) => new SignJWT(payload).setProtectedHeader({ alg: 'RS256', kid: 'key-1', ...header }).sign(key)
const verifier = (audiences: string[] = []) => tokenVerifier({ issuers: [metadata], audiences })
const refused = { refused: expect.any(String) }

describe('a token', () => {
  test('that is valid names its caller', async () => {
    expect(await verifier()(await sign(claims()))).toMatchObject({
      caller: { organization: kari, scopes: ['altinn:broker.read'], claims: { iss: issuer } },
    })
  })

  test('that is valid is cached for a minute, but not longer than its own time', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    const checks = vi.spyOn(crypto.subtle, 'verify')
    onTestFinished(() => {
      vi.useRealTimers()
      checks.mockRestore()
    })
    const verify = verifier()
    const [long, short] = await Promise.all([sign(claims()), sign({ ...claims(), exp: nowSeconds() + 20 })])

    const seen = []
    for (const seconds of [0, 15, 40, 10, 3600]) {
      vi.setSystemTime(Date.now() + 1000 * seconds)
      const goods = [await verify(long), await verify(short)].map((answer) => 'caller' in answer)
      seen.push([...goods, checks.mock.calls.length])
    }

    expect(seen).toEqual([
      [true, true, 2],
      [true, true, 2],
      [true, false, 3],
      [true, false, 5], // the long one after a minute
      [false, false, 7],
    ])
  })

  test.each(['', 'x', 'a.b.c', '..', 'e30.e30.'])('is refused when it is none: %j', async (text) => {
    expect(await verifier()(text)).toEqual(refused)
  })

  test('is refused in few words of its own', async () => {
    const strange = 'x\u2028\u001b[2J'.repeat(1000)
    const header = { alg: 'RS256', kid: 'key-1', crit: [strange], [strange]: true }
    const parts = [header, claims()].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))

    const refused = await verifier()(`${parts.join('.')}.AAAA`)

    expect(refused).toMatchObject({ refused: expect.stringMatching(/^[ -~]{10,200}$/) })
  })

  test('is refused with the signature of another key', async () => {
    const { privateKey: another } = await generateKeyPair('RS256')

    expect(await verifier()(await sign(claims(), {}, another))).toEqual(refused)
  })

  test('is refused when its claims were changed after it was signed', async () => {
    const [header, , signature] = (await sign(claims())).split('.')
    const payload = Buffer.from(JSON.stringify({ ...claims(), scope: 'altinn:serviceowner' })).toString('base64url')

    expect(await verifier()(`${header}.${payload}.${signature}`)).toEqual(refused)
  })

  test('is refused without a signature', async () => {
    expect(await verifier()(new UnsecuredJWT(claims()).encode())).toEqual(refused)
  })

  test('is refused when the public key was used as a secret', async () => {
    const forged = await sign(claims(), { alg: 'HS256' }, new TextEncoder().encode(publicPem))

    expect(await verifier()(forged)).toEqual(refused)
  })

  test('is refused when it has expired; if that is all, its caller is named', async () => {
    const expired = { ...claims(), exp: nowSeconds() - 60 }
    const [header, , signature] = (await sign(expired)).split('.')
    const payload = Buffer.from(JSON.stringify({ ...expired, scope: 'altinn:serviceowner' })).toString('base64url')
    const meant = verifier(['someone else'])

    expect(await verifier()(await sign(expired))).toEqual({
      ...refused,
      expired: expect.objectContaining({ organization: '986252932', scopes: ['altinn:broker.read'] }),
    })
    expect(await verifier()(`${header}.${payload}.${signature}`)).toEqual(refused)
    expect(await meant(await sign({ ...expired, aud: 'us' }))).toEqual(refused)
    expect(await verifier()(await sign({ ...expired, iss: 'https://evil.example/' }))).toEqual(refused)
  })

  test('is valid while clocks may differ', async () => {
    expect(await verifier()(await sign({ ...claims(), exp: nowSeconds() - 10 }))).toHaveProperty('caller')
    expect(await verifier()(await sign({ ...claims(), nbf: nowSeconds() + 10 }))).toHaveProperty('caller')
  })

  test('is refused when it has no end', async () => {
    const { exp, ...endless } = claims()

    expect(await verifier()(await sign(endless))).toEqual(refused)
  })

  test('is refused before its time', async () => {
    expect(await verifier()(await sign({ ...claims(), nbf: nowSeconds() + 120 }))).toEqual(refused)
  })

  test.each(['https://evil.example/', '', undefined])(
    'is refused of an issuer that is not trusted: %j',
    async (iss) => {
      const { iss: _, ...rest } = claims()

      expect(await verifier()(await sign(iss === undefined ? rest : { ...rest, iss }))).toEqual(refused)
    },
  )

  test('is refused with a key that the issuer does not have', async () => {
    expect(await verifier()(await sign(claims(), { kid: 'key-2' }))).toEqual(refused)
  })

  test('is refused for another audience where audiences are given', async () => {
    const verify = verifier(['broker', 'altinn'])

    expect(await verify(await sign({ ...claims(), aud: 'altinn' }))).toHaveProperty('caller')
    expect(await verify(await sign({ ...claims(), aud: ['x', 'broker'] }))).toHaveProperty('caller')
    expect(await verify(await sign({ ...claims(), aud: 'another' }))).toEqual(refused)
    expect(await verify(await sign(claims()))).toEqual(refused)
  })

  test('is valid for any audience where none is given', async () => {
    expect(await verifier()(await sign({ ...claims(), aud: 'anyone' }))).toHaveProperty('caller')
  })
})

describe('an issuer', () => {
  test('is asked once for many tokens', async () => {
    const verify = verifier()
    const token = await sign(claims())

    await Promise.all([verify(token), verify(token), verify(token)])
    await verify(token)

    expect(asked).toEqual({ metadata: 1, keys: 1 })
  })

  test('is asked for nothing by a text that is no token', async () => {
    await verifier()('no token')

    expect(asked.metadata).toBe(0)
  })

  const down = 'http://127.0.0.1:1/.well-known/openid-configuration'

  test('that is down does not hinder the others', async () => {
    const verify = tokenVerifier({ issuers: [metadata, down], audiences: [] })

    expect(await verify(await sign(claims()))).toHaveProperty('caller')
  })

  test('that is down does not hinder the others, in whatever order', async () => {
    const verify = tokenVerifier({ issuers: [down, metadata], audiences: [] })

    expect(await verify(await sign(claims()))).toHaveProperty('caller')
  })

  test('that is down and may be that of the token is not the fault of the caller', async () => {
    const verify = tokenVerifier({ issuers: [metadata, down], audiences: [] })

    await expect(verify(await sign({ ...claims(), iss: 'https://another.example/' }))).rejects.toThrow()
  })

  test('is asked again after it has failed', async () => {
    const verify = verifier()
    const token = await sign(claims())
    metadataStatus = 503
    await expect(verify(token)).rejects.toThrow()

    metadataStatus = 200

    expect(await verify(token)).toHaveProperty('caller')
  })

  test('that answers with a failure has the caller try again', async () => {
    metadataStatus = 503

    await expect(verifier()(await sign(claims()))).rejects.toSatisfy(isOutage)
  })

  test('that does not give its keys is not the fault of the caller', async () => {
    keysStatus = 503

    await expect(verifier()(await sign(claims()))).rejects.toSatisfy(isOutage)
  })
})

describe('the tokens of Altinn and of Maskinporten', () => {
  let altinn: Altinn

  beforeAll(async () => {
    altinn = await startAltinn({ port: 0 })
  })
  afterAll(() => altinn.stop())

  test.each([
    ['altinn', '/authentication/api/v1/openid/.well-known/openid-configuration'],
    ['maskinporten', '/maskinporten/.well-known/oauth-authorization-server'],
  ])('are both good: %s', async (kind, path) => {
    const query = `org=${kari}&scope=altinn:broker.read&kind=${kind}`
    const token = await (await fetch(`${altinn.url}/token?${query}`)).text()

    const verified = await tokenVerifier({ issuers: [`${altinn.url}${path}`], audiences: [] })(token)

    expect(verified).toMatchObject({ caller: { organization: kari, scopes: ['altinn:broker.read'] } })
  })

  test('are not valid in the name of each other', async () => {
    const token = await (await fetch(`${altinn.url}/token?org=${kari}&scope=x&kind=maskinporten`)).text()
    const onlyAltinn = `${altinn.url}/authentication/api/v1/openid/.well-known/openid-configuration`

    expect(await tokenVerifier({ issuers: [onlyAltinn], audiences: [] })(token)).toEqual(refused)
  })
})
