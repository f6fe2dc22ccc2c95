import { createPrivateKey, type KeyObject } from 'node:crypto'
import type { JWK } from 'jose'

const CURVES: Record<string, string> = { prime256v1: 'ES256', secp384r1: 'ES384', secp521r1: 'ES512' }

/**
 * The JWK of a private key in PEM (PKCS#8, PKCS#1 or SEC 1), for a client of Maskinporten. `kid` is its id there.
 * @throws TypeError when it is no private key without a passphrase, or one that signs no tokens.
 */
export function jwkFromPem(pem: string, kid: string): JWK {
  const key = privateKeyIn(pem)
  const alg = algorithmOf(key)
  if (!alg) throw new TypeError('The key signs no tokens of Maskinporten: it takes RSA, and the curves of NIST')
  return { ...key.export({ format: 'jwk' }), kid, alg } as JWK
}

/** The algorithm that the key signs with; undefined when Maskinporten takes none of it. */
export function algorithmOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): string | undefined {
  return asymmetricKeyType === 'rsa' ? 'RS256' : CURVES[asymmetricKeyDetails?.namedCurve ?? '']
}

function privateKeyIn(pem: string): KeyObject {
  if (pem.includes('ENCRYPTED')) throw new TypeError('The key has a passphrase: remove it with openssl pkey')
  try {
    return createPrivateKey(pem)
  } catch (cause) {
    throw new TypeError('It is not a private key in PEM', { cause })
  }
}
