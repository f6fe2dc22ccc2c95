import type { JWTPayload } from 'jose'
import { z } from 'zod'
import { type OrganizationNumber, parseOrganizationNumber } from '../../domain/organizationNumber.js'
import type { Caller } from '../../usecases/ports/access.js'

/** A claim that is an object, or the text of one. */
const objectOrJson = z.preprocess((claim) => (typeof claim === 'string' ? parsed(claim) : claim), z.unknown())

const systemUser = z.object({
  type: z.string(),
  systemuser_id: z.array(z.string()),
  systemuser_org: z.object({ authority: z.string(), ID: z.string() }),
  system_id: z.string(),
})
const consumer = z.object({ authority: z.string(), ID: z.string() })

/** The claims that a token makes. A list is a claim for each of its elements, so that an empty list is none. */
export const claimsIn = (claims: JWTPayload): JWTPayload =>
  Object.fromEntries(Object.entries(claims).filter(([, claim]) => !Array.isArray(claim) || claim.length > 0))

/** The system user that a token was issued to; undefined when to none, 'malformed' when the claim is not valid. */
export function systemUserOf(claims: JWTPayload): z.infer<typeof systemUser> | 'malformed' | undefined {
  const claim = claims.authorization_details
  if (claim === undefined) return undefined
  const details = objectOrJson.parse(claim)
  const first = Array.isArray(details) ? details[0] : details
  return systemUser.safeParse(objectOrJson.parse(first)).data ?? 'malformed'
}

/** The organisation that a Maskinporten token was issued to. */
export const consumerOf = (claims: JWTPayload) => consumer.safeParse(objectOrJson.parse(claims.consumer)).data

/** The caller that holds a token with these claims (spec 2.3); without an organisation when they name none. */
export function callerOf(token: JWTPayload): Caller {
  const claims = claimsIn(token)
  return {
    organization: organizationOf(claims),
    vendor: organizationIn(consumerOf(claims)?.ID),
    scopes: typeof claims.scope === 'string' ? claims.scope.split(' ') : [],
    claims,
  }
}

function organizationOf(claims: JWTPayload): OrganizationNumber | undefined {
  const user = systemUserOf(claims)
  if (user) return user === 'malformed' ? undefined : organizationIn(user.systemuser_org.ID)
  const own = claims['urn:altinn:orgNumber']
  return organizationIn(own === undefined ? consumerOf(claims)?.ID : String(own))
}

const organizationIn = (text: string | undefined) => (text === undefined ? undefined : parseOrganizationNumber(text))

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
