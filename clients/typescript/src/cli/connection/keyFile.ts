import { createPrivateKey } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { JWK } from 'jose'
import { algorithmOf, jwkFromPem } from '../../node/pem.js'
import { UsageError } from '../errors.js'
import { fileFault } from '../faultWords.js'

/**
 * The private key in a file: a JWK or a set of them, as JSON or as its base64, or PEM. `kid` chooses one of a set, and
 * names one that is without. @throws UsageError
 */
export async function keyIn(file: string, kid: string | undefined): Promise<JWK> {
  const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new UsageError(fileFault(cause) ?? `${file} cannot be read`, { cause })
  })
  const refuse = (sentence: string) => new UsageError(`${file}: ${sentence}`)
  if (text.includes('-----BEGIN')) {
    if (!kid) throw refuse('a key in PEM does not tell its id at Maskinporten. Give --kid ID')
    try {
      return jwkFromPem(text, kid)
    } catch (error) {
      throw refuse((error as TypeError).message)
    }
  }
  const jwk = jwkIn(text, kid)
  if (!jwk) throw refuse('there is no private key, as a JWK or in PEM')
  if (!jwk.d) throw refuse('this is the public key. The private one has a member "d"')
  try {
    const alg = jwk.alg ?? algorithmOf(createPrivateKey({ key: jwk, format: 'jwk' }))
    return { ...jwk, ...(alg && { alg }), ...(kid && { kid }) }
  } catch {
    throw refuse('the private key is damaged')
  }
}

function jwkIn(text: string, kid: string | undefined): (JWK & { kty: string }) | undefined {
  try {
    const found = JSON.parse(text.trim().startsWith('{') ? text : Buffer.from(text, 'base64').toString())
    const keys: JWK[] = Array.isArray(found.keys) ? found.keys : [found]
    const chosen = keys.length === 1 ? keys[0] : keys.find((each) => each.kid === kid)
    return chosen?.kty ? { ...chosen, kty: chosen.kty } : undefined
  } catch {
    return undefined
  }
}
