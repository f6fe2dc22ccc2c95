import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { importJWK, type JWK, jwtVerify, SignJWT } from 'jose'
import { beforeEach, describe, expect, test } from 'vitest'
import { keyIn } from '../../clients/typescript/src/cli/connection/keyFile.js'

let file: string
beforeEach(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'key-'))
  file = join(folder, 'key')
  return () => rm(folder, { recursive: true })
})

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const ec = generateKeyPairSync('ec', { namedCurve: 'P-384' })
const pem = (key: KeyObject, type: 'pkcs1' | 'pkcs8' | 'sec1' = 'pkcs8') =>
  key.export({ format: 'pem', type: type as 'pkcs8' }) as string
const jwk = (key: KeyObject) => key.export({ format: 'jwk' })

const read = async (text: string, kid?: string) => {
  await writeFile(file, text)
  return keyIn(file, kid)
}
/** The algorithm by which this private key signs what that public key verifies. */
async function signs(privateJwk: JWK, publicKey: KeyObject) {
  const alg = privateJwk.alg ?? ''
  const signed = await new SignJWT({}).setProtectedHeader({ alg }).sign(await importJWK(privateJwk))
  return (await jwtVerify(signed, publicKey)).protectedHeader.alg
}

describe('the file of a private key', () => {
  test('may be PEM, with the id of the key beside it', async () => {
    for (const text of [pem(rsa.privateKey), pem(rsa.privateKey, 'pkcs1'), `Bag Attributes\n${pem(rsa.privateKey)}`]) {
      const found = await read(text, 'mine')
      expect([found.kid, await signs(found, rsa.publicKey)]).toEqual(['mine', 'RS256'])
    }
    for (const text of [pem(ec.privateKey), pem(ec.privateKey, 'sec1')])
      expect(await signs(await read(text, 'mine'), ec.publicKey)).toBe('ES384')
  })

  test('may be a JWK, its base64, or a set of them', async () => {
    const mine = { ...jwk(ec.privateKey), kid: 'mine' }
    const texts = [JSON.stringify(mine), btoa(JSON.stringify(mine)), JSON.stringify({ keys: [mine] })]

    for (const text of texts) expect(await signs(await read(text), ec.publicKey)).toBe('ES384')
    const set = JSON.stringify({ keys: [{ ...jwk(rsa.privateKey), kid: 'other' }, mine] })
    expect(await signs(await read(set, 'mine'), ec.publicKey)).toBe('ES384')
  })

  test.each([
    ['PEM without its id', pem(rsa.privateKey), undefined, 'Give --kid ID'],
    [
      'PEM with a passphrase',
      rsa.privateKey.export({ format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: 'x' }) as string,
      'k',
      'The key has a passphrase: remove it with openssl pkey',
    ],
    ['a public key in PEM', rsa.publicKey.export({ format: 'pem', type: 'spki' }) as string, 'k', 'not a private key'],
    ['half a file', pem(rsa.privateKey).slice(0, 400), 'k', 'not a private key in PEM'],
    ['a key for nothing here', pem(generateKeyPairSync('x25519').privateKey), 'k', 'signs no tokens of Maskinporten'],
    ['a public JWK', JSON.stringify(jwk(rsa.publicKey)), undefined, 'this is the public key'],
    ['a damaged JWK', JSON.stringify({ ...jwk(ec.privateKey), x: 'AAAA' }), undefined, 'the private key is damaged'],
    [
      'a set without the key',
      JSON.stringify({ keys: [jwk(rsa.privateKey), jwk(ec.privateKey)] }),
      'k',
      'no private key',
    ],
    ['anything', 'hello', undefined, 'there is no private key, as a JWK or in PEM'],
    ['JSON', '[]', undefined, 'there is no private key'],
  ])('is refused in words: %s', async (_, text, kid, words) => {
    await expect(read(text, kid)).rejects.toMatchObject({ name: 'UsageError', message: expect.stringContaining(words) })
  })

  test('that is not there is named', async () => {
    await expect(keyIn('/nowhere/key', 'k')).rejects.toThrow('/nowhere/key does not exist')
  })
})
