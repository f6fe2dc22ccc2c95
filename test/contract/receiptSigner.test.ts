import { createPublicKey } from 'node:crypto'
import { createLocalJWKSet, exportJWK, generateKeyPair, jwtVerify } from 'jose'
import { describe, expect, test } from 'vitest'
import { keyVaultSigner } from '../../src/adapters/receipts/keyVaultSigner.js'
import { privateKeySigner } from '../../src/adapters/receipts/privateKeySigner.js'
import type { ReceiptSigner } from '../../src/usecases/ports/receipts.js'
import { keyVaultOf } from '../support/keyVault.js'

const ADDRESS = 'https://vault.example/keys/receipts'
const statement = { iss: 'https://platform.example', sub: 'a', file: { name: 'søknad 🙂.pdf' } }

async function jwkInBase64(alg: string): Promise<string> {
  const { privateKey } = await generateKeyPair(alg, { extractable: true })
  return Buffer.from(JSON.stringify(await exportJWK(privateKey))).toString('base64')
}

/** A vault with versions of these times, and the signer of it, whose clock `pass` moves. */
function vault(...created: number[]) {
  let at = Date.parse('2026-03-01T10:00:00Z')
  const key = keyVaultOf(ADDRESS, 'our token')
  const versions = created.map((each) => key.add(each))
  const { request } = key
  const signer = keyVaultSigner({ address: ADDRESS, request, token: async () => 'our token', now: () => new Date(at) })
  return {
    ...key,
    versions,
    signer,
    at: () => at,
    pass(minutes: number) {
      at += minutes * 60_000
    },
  }
}

const verified = async (signer: ReceiptSigner, receipt: string) =>
  jwtVerify(receipt, createLocalJWKSet({ keys: await signer.keys() }), { algorithms: ['ES256'] })

describe.each<[string, () => Promise<ReceiptSigner>]>([
  ['a private key', async () => privateKeySigner(await jwkInBase64('ES256'))],
  ['a key in Key Vault', async () => vault(1).signer],
])('receipts signed by %s', (_, makeSigner) => {
  test('are verified by the published keys, with all they state', async () => {
    const signer = await makeSigner()

    const { payload, protectedHeader } = await verified(signer, await signer.sign(statement))

    expect(payload).toEqual(statement)
    const [{ kid } = { kid: '' }] = await signer.keys()
    expect(protectedHeader).toEqual({ alg: 'ES256', typ: 'altinn-broker-receipt+jwt', kid })
  })

  test('are not verified when one character of them is another', async () => {
    const signer = await makeSigner()
    const [header, payload, signature = ''] = (await signer.sign(statement)).split('.')
    const other = `${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`

    await expect(verified(signer, [header, payload, other].join('.'))).rejects.toThrow('signature')
  })

  test('have keys without any private member, whose ids are their thumbprints', async () => {
    const [key] = await (await makeSigner()).keys()

    expect(Object.keys(key ?? {}).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y'])
    expect(key?.kid).toMatch(/^[\w-]{43}$/)
  })
})

describe('a key in Key Vault', () => {
  test('signs by its newest version, and publishes all that are enabled, of every page', async () => {
    const { signer, add, versions } = vault(10, 40, 20, 30)
    add(50, { enabled: false })
    add(60, { nbf: Date.parse('2026-03-01T11:00:00Z') / 1000 })

    const { protectedHeader } = await verified(signer, await signer.sign(statement))

    const newest = createPublicKey(versions[1]?.privateKey ?? '').export({ format: 'jwk' })
    const keys = await signer.keys()
    expect(keys).toHaveLength(4)
    expect(keys[0]).toMatchObject({ ...newest, kid: protectedHeader.kid })
  })

  test('is read once in ten minutes; then a new version signs, and the old one is still published', async () => {
    const { signer, asked, add, pass } = vault(1)
    const old = await signer.sign(statement)
    await signer.sign(statement)
    const first = ['GET /versions', 'GET /VERSION', 'POST /VERSION/sign', 'POST /VERSION/sign']
    expect(asked).toEqual(first)
    add(2)

    pass(11)
    const fresh = await signer.sign(statement)

    expect(asked.slice(first.length)).toEqual(['GET /versions', 'GET /VERSION', 'POST /VERSION/sign'])
    const ids = await Promise.all([fresh, old].map(async (each) => (await verified(signer, each)).protectedHeader.kid))
    expect(ids).toEqual((await signer.keys()).map(({ kid }) => kid))
  })

  test('publishes a new version for two hours before it signs', async () => {
    const { signer, add, pass, at } = vault(1)
    const old = await signer.sign(statement)
    add(at() / 1000)

    pass(11)
    const [fresh, before] = await signer.keys()
    const early = await verified(signer, await signer.sign(statement))
    pass(120)
    const late = await verified(signer, await signer.sign(statement))

    expect((await verified(signer, old)).protectedHeader.kid).toBe(before?.kid)
    expect([early, late].map(({ protectedHeader }) => protectedHeader.kid)).toEqual([before?.kid, fresh?.kid])
  })

  test('signs by a new version without delay once the old one is disabled', async () => {
    const { signer, add, versions, pass, at } = vault(1)
    await signer.keys()
    add(at() / 1000)
    for (const version of versions) version.enabled = false

    pass(11)
    const { protectedHeader } = await verified(signer, await signer.sign(statement))

    expect((await signer.keys()).map(({ kid }) => kid)).toEqual([protectedHeader.kid])
  })

  test('publishes the keys that it has read while the vault does not answer, and signs nothing', async () => {
    const { signer, state, pass } = vault(1)
    const keys = await signer.keys()
    state.failsWith = 503
    pass(11)

    expect(await signer.keys()).toEqual(keys)
    await expect(signer.sign(statement)).rejects.toMatchObject({ isUpstream: true })
  })

  test.each([401, 403, 404, 429, 500])('whose vault answers %d is an outage that names no key', async (status) => {
    const { signer, state } = vault(1)
    state.failsWith = status

    await expect(signer.keys()).rejects.toMatchObject({
      isUpstream: true,
      message: expect.stringContaining(`${status}`),
    })
  })

  test('without an enabled version signs nothing', async () => {
    await expect(vault().signer.sign(statement)).rejects.toThrow('No version')
  })

  test('sends its token to no other host that a page may name', async () => {
    const asked: string[] = []
    const signer = keyVaultSigner({
      address: ADDRESS,
      token: async () => 'our token',
      now: () => new Date(0),
      async request(url) {
        asked.push(url.origin)
        return Response.json({ value: [], nextLink: 'https://elsewhere.example/keys' })
      },
    })

    await expect(signer.keys()).rejects.toThrow('elsewhere.example')
    expect(asked).toEqual(['https://vault.example'])
  })
})

test.each(['ES384', 'RS256'])('a private key of %s is refused', async (alg) => {
  await expect(privateKeySigner(await jwkInBase64(alg)).keys()).rejects.toThrow()
})
