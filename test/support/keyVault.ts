import { createECDH, createPublicKey, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto'
import type { Request } from '../../src/adapters/altinn/request.js'

type KeyVersion = { id: string; privateKey: KeyObject; enabled: boolean; created: number; nbf?: number }

const json = (value: unknown, status = 200) => Response.json(value, { status })

/**
 * A key in Key Vault, as its REST API answers (https://learn.microsoft.com/rest/api/keyvault/keys), three versions a
 * page. `failsWith` is answered to every call, while it is set.
 */
export function keyVaultOf(address: string, token: string) {
  const versions: KeyVersion[] = []
  const asked: string[] = []
  const state: { failsWith: number | undefined } = { failsWith: undefined }
  const attributes = ({ enabled, created, nbf }: KeyVersion) => ({ enabled, created, ...(nbf && { nbf }) })

  const request: Request = async (url, { method = 'GET', headers, body } = {}) => {
    const at = url.href.slice(address.length).replace(/\?.*$/, '')
    asked.push(`${method} ${at.replace(/[0-9a-f]{32}/, 'VERSION')}`)
    const answer = answerTo(method, at, url, body, headers?.get('authorization'))
    return Object.defineProperty(answer, 'url', { value: url.href })
  }

  function answerTo(method: string, at: string, url: URL, body: string | undefined, given: string | null | undefined) {
    if (state.failsWith !== undefined) return json({ error: {} }, state.failsWith)
    if (given !== `Bearer ${token}`) return json({ error: { code: 'Unauthorized' } }, 401)
    if (!url.searchParams.get('api-version')) return json({ error: { code: 'BadParameter' } }, 400)
    if (method === 'GET' && at === '/versions') {
      const from = Number(url.searchParams.get('$skiptoken') ?? 0)
      const value = versions
        .slice(from, from + 3)
        .map((each) => ({ kid: `${address}/${each.id}`, attributes: attributes(each) }))
      const isLast = from + 3 >= versions.length
      const next = `${address}/versions?api-version=7.4&$skiptoken=${from + 3}`
      return json({ value, nextLink: isLast ? null : next })
    }
    const [, id, operation] = at.split('/')
    const version = versions.find((each) => each.id === id)
    if (!version) return json({ error: { code: 'KeyNotFound' } }, 404)
    if (!version.enabled) return json({ error: { code: 'Forbidden' } }, 403)
    const kid = `${address}/${version.id}`
    if (method === 'GET' && operation === undefined) {
      const { x, y } = createPublicKey(version.privateKey).export({ format: 'jwk' })
      return json({ key: { kid, kty: 'EC', crv: 'P-256', x, y, key_ops: ['sign', 'verify'] } })
    }
    if (method !== 'POST' || operation !== 'sign') return json({ error: { code: 'NotFound' } }, 404)
    const { alg, value } = JSON.parse(body ?? '') as { alg: string; value: string }
    const digest = Buffer.from(value, 'base64url')
    if (alg !== 'ES256' || digest.length !== 32) return json({ error: { code: 'BadParameter' } }, 400)
    return json({ kid, value: signDigest(version.privateKey, digest).toString('base64url') })
  }

  return {
    request,
    asked,
    state,
    /** Adds a version, made at this time in seconds. */
    add(created: number, more: Partial<KeyVersion> = {}): KeyVersion {
      const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
      const version = { id: randomBytes(16).toString('hex'), privateKey, enabled: true, created, ...more }
      versions.push(version)
      return version
    },
  }
}

// The order of P-256 (FIPS 186-5).
const N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n
const numberOf = (bytes: Buffer) => BigInt(`0x${bytes.toString('hex')}`)
const bytesOf = (number: bigint) => Buffer.from(number.toString(16).padStart(64, '0'), 'hex')

/** ECDSA of a digest (FIPS 186-5 §6.4.1), since Node signs only what it hashes itself. */
function signDigest(key: KeyObject, digest: Buffer): Buffer {
  const nonce = createECDH('prime256v1')
  const point = nonce.generateKeys()
  const r = numberOf(point.subarray(1, 33)) % N
  const d = numberOf(Buffer.from(key.export({ format: 'jwk' }).d ?? '', 'base64url'))
  const s = (inverse(numberOf(nonce.getPrivateKey())) * (numberOf(digest) + r * d)) % N
  return Buffer.concat([bytesOf(r), bytesOf(s)])
}

/** Fermat: the inverse is the power to N - 2. */
function inverse(number: bigint): bigint {
  let [result, base, exponent] = [1n, number % N, N - 2n]
  for (; exponent > 0n; exponent >>= 1n) {
    if (exponent & 1n) result = (result * base) % N
    base = (base * base) % N
  }
  return result
}
