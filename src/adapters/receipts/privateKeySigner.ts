import { createPrivateKey, sign } from 'node:crypto'
import { z } from 'zod'
import type { ReceiptSigner } from '../../usecases/ports/receipts.js'
import { publicKeyOf, publicMembers, signingInput } from './jws.js'

const privateKey = publicMembers.extend({ d: z.string() })

/** Signs by a private key that this process has: a JWK in base64. For a machine, where there is no vault. */
export function privateKeySigner(jwk: string): ReceiptSigner {
  async function read() {
    const { d, ...members } = privateKey.parse(JSON.parse(Buffer.from(jwk, 'base64').toString()))
    const key = createPrivateKey({ key: { ...members, d }, format: 'jwk' })
    return { key, published: await publicKeyOf(members) }
  }
  return {
    async sign(statement) {
      const { key, published } = await read()
      const input = signingInput(published.kid, statement)
      const signature = sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' })
      return `${input}.${signature.toString('base64url')}`
    },
    keys: async () => [(await read()).published],
  }
}
