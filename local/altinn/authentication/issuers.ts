import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import type { Context } from 'hono'
import { exportJWK, generateKeyPair, importJWK, type JWK, type JWTPayload, jwtVerify, SignJWT } from 'jose'
import type { World } from '../world.js'

/** Signs tokens in its own name and knows them again. */
export type Issuer = {
  url: string
  jwks: { keys: JWK[] }
  /** A token with these claims, its own `iss` and a fresh `jti`. A negative lifetime gives an expired token. */
  sign(claims: JWTPayload, lifetimeSeconds: number): Promise<string>
  /** The claims of a token it signed that has not expired; undefined for any other text. */
  verify(token: string): Promise<JWTPayload | undefined>
}

/** Keys for an issuer whose address is not known yet: fresh ones, or, with a file, those that it keeps. */
export async function prepareIssuer(file?: string): Promise<(url: string) => Issuer> {
  const { privateKey, publicKey, kid } = file ? await keptKeys(file) : await freshKeys()
  const jwk: JWK = { ...(await exportJWK(publicKey)), kid, alg: 'RS256', use: 'sig' }
  return (url) => ({
    url,
    jwks: { keys: [jwk] },
    sign: (claims, lifetimeSeconds) => {
      const now = Math.floor(Date.now() / 1000)
      const exp = now + lifetimeSeconds
      const iat = Math.min(now, exp - 1)
      return new SignJWT({ ...claims, iss: url, jti: randomUUID(), iat, nbf: iat, exp })
        .setProtectedHeader({ alg: 'RS256', kid, typ: 'JWT' })
        .sign(privateKey)
    },
    verify: async (token) => {
      const checks = { issuer: url, algorithms: ['RS256'], requiredClaims: ['exp'] }
      const verified = await jwtVerify(token, publicKey, checks).catch(() => undefined)
      return verified?.payload
    },
  })
}

const freshKeys = async () => ({ ...(await generateKeyPair('RS256', { extractable: true })), kid: randomUUID() })

/** The keys in the file, which is written at the first start. */
async function keptKeys(file: string) {
  if (!existsSync(file)) {
    const { privateKey, kid } = await freshKeys()
    await writeFile(file, JSON.stringify({ ...(await exportJWK(privateKey)), kid }), { mode: 0o600 })
  }
  const { kid, d, p, q, dp, dq, qi, ...publicPart }: JWK & { kid: string } = JSON.parse(await readFile(file, 'utf8'))
  const [privateKey, publicKey] = await Promise.all([
    importJWK({ ...publicPart, d, p, q, dp, dq, qi } as JWK, 'RS256'),
    importJWK(publicPart, 'RS256'),
  ])
  return { privateKey, publicKey, kid }
}

/** The organisation as ID-porten and Maskinporten write it, ISO 6523. */
export const iso6523 = (organization: string) => ({
  authority: 'iso6523-actorid-upis',
  ID: `0192:${organization}`,
})

/** A system user as tokens name it, in `authorization_details`. */
export const systemUserDetails = (uuid: string, organization: string) => ({
  type: 'urn:altinn:systemuser',
  systemuser_id: [uuid],
  systemuser_org: iso6523(organization),
  system_id: `${organization}_local-system`,
})

/** The claims that Altinn adds when it exchanges a Maskinporten token of this organisation. */
export function enterpriseClaims(world: World, organization: string): JWTPayload {
  const serviceOwner = world.organisation(organization)?.serviceOwnerCode
  return {
    'urn:altinn:orgNumber': organization,
    'urn:altinn:authenticatemethod': 'maskinporten',
    'urn:altinn:authlevel': 3,
    ...(serviceOwner ? { 'urn:altinn:org': serviceOwner } : {}),
  }
}

/** The token of an `Authorization: Bearer` header. */
export function bearerToken(authorization: string | undefined): string | undefined {
  return /^Bearer (\S+)$/i.exec(authorization ?? '')?.[1]
}

/** RFC 6750 §3: the answer to a call without a token that holds what the call needs. */
export const unauthorized = (c: Context) => c.body(null, 401, { 'www-authenticate': 'Bearer' })

/** The claims of the header's token when the issuer signed it and it holds the scope. */
export async function authorized(issuer: Issuer, authorization: string | undefined, scope: string) {
  const token = bearerToken(authorization)
  const claims = token === undefined ? undefined : await issuer.verify(token)
  const scopes = typeof claims?.scope === 'string' ? claims.scope.split(' ') : []
  return scopes.includes(scope) ? claims : undefined
}
