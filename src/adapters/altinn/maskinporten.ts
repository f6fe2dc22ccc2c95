import { randomUUID } from 'node:crypto'
import { importJWK, SignJWT } from 'jose'
import { z } from 'zod'
import type { OwnToken, Retry } from './platform.js'
import { jsonOf, textOf } from './upstreamResponse.js'

type Settings = {
  metadataUrl: string
  clientId: string
  jwk: string
  platformUrl: URL
  fetch: typeof fetch
  withRetry: Retry
}

const GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer' // RFC 7523
const ASSERTION_LIVES = '100s' // https://docs.digdir.no/docs/Maskinporten/maskinporten_protocol_token: at most 120 seconds
const RENEW_BEFORE_MS = 60_000

const metadata = z.object({ issuer: z.string(), token_endpoint: z.url() })
const answer = z.object({ access_token: z.string(), expires_in: z.number() })
const privateKey = z.looseObject({ kid: z.string(), alg: z.string().default('RS256') })

/** Gets tokens by a JWT grant at Maskinporten and exchanges them at Altinn. A token is used until a minute before it expires. */
export function maskinportenTokens(settings: Settings): OwnToken {
  const tokens = new Map<string, { token: Promise<string>; until: number }>()
  return (scope) => {
    const known = tokens.get(scope)
    if (known && Date.now() < known.until) return known.token
    const entry = { token: Promise.resolve(''), until: Number.POSITIVE_INFINITY }
    entry.token = newToken(settings, scope).then(
      ({ token, expiresIn }) => {
        entry.until = Date.now() + expiresIn * 1000 - RENEW_BEFORE_MS
        return token
      },
      (error: unknown) => {
        tokens.delete(scope)
        throw error
      },
    )
    tokens.set(scope, entry)
    return entry.token
  }
}

async function newToken({ metadataUrl, clientId, jwk, platformUrl, fetch, withRetry }: Settings, scope: string) {
  const described = await withRetry((signal) => fetch(metadataUrl, { signal }))
  const { issuer, token_endpoint } = metadata.parse(await jsonOf(described))
  const key = privateKey.parse(JSON.parse(Buffer.from(jwk, 'base64').toString()))
  const signingKey = await importJWK(key, key.alg)
  const grant = await withRetry(async (signal) => {
    // A new one for each try: Maskinporten takes a `jti` once, and may have taken it when only its answer was lost.
    const assertion = await new SignJWT({ scope })
      .setProtectedHeader({ alg: key.alg, kid: key.kid })
      .setIssuer(clientId)
      .setAudience(issuer)
      .setIssuedAt()
      .setExpirationTime(ASSERTION_LIVES)
      .setJti(randomUUID())
      .sign(signingKey)
    const body = new URLSearchParams({ grant_type: GRANT, assertion })
    return fetch(token_endpoint, { method: 'POST', body, signal })
  })
  const granted = answer.parse(await jsonOf(grant))
  const exchange = new URL('authentication/api/v1/exchange/maskinporten', platformUrl)
  const headers = { authorization: `Bearer ${granted.access_token}` }
  const exchanged = await withRetry((signal) => fetch(exchange, { headers, signal }))
  const token = (await textOf(exchanged)).replaceAll('"', '')
  return { token, expiresIn: granted.expires_in }
}
