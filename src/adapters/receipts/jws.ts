import { calculateJwkThumbprint } from 'jose'
import { z } from 'zod'
import type { PublicKey } from '../../usecases/ports/receipts.js'

/** The type in the header of a receipt (RFC 8725 §3.11): no other JWS of Broker's can be taken for one. */
export const RECEIPT_TYPE = 'altinn-broker-receipt+jwt'

/** The members of a JWK that are public, of a P-256 key. */
export const publicMembers = z.object({
  kty: z.enum(['EC', 'EC-HSM']).transform(() => 'EC' as const),
  crv: z.literal('P-256'),
  x: z.string(),
  y: z.string(),
})

/** The key as it is published: its id is its thumbprint (RFC 7638), the same wherever it is kept. */
export const publicKeyOf = async (members: z.output<typeof publicMembers>): Promise<PublicKey> => ({
  ...members,
  kid: await calculateJwkThumbprint(members),
  alg: 'ES256',
  use: 'sig',
})

const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')

/** What is signed of a receipt: its header and the statement (RFC 7515 §5.1). */
export const signingInput = (kid: string, statement: object): string =>
  `${encoded({ alg: 'ES256', typ: RECEIPT_TYPE, kid })}.${encoded(statement)}`
