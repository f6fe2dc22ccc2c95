import { randomUUID } from 'node:crypto'
import { importJWK, SignJWT } from 'jose'
import { LRUCache } from 'lru-cache'
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
// https://docs.digdir.no/docs/Maskinporten/maskinporten_protocol_token: at most 120 seconds
const ASSERTION_LIFETIME = '100s'
const RENEW_BEFORE_MS = 60_000
const MAX_SCOPES = 100

const metadata = z.object({ issuer: z.string(), token_endpoint: z.url() })
const answer = z.object({ access_token: z.string(), expires_in: z.number() })
const privateKey = z.looseObject({ kid: z.string(), alg: z.string().default('RS256') })

/**
 * Gets tokens by a JWT grant at Maskinporten and exchanges them at Altinn. A token is cached until a minute before it
 * expires; concurrent callers wait for the same one.
 */
export function maskinportenTokens(settings: Settings): OwnToken {
  const tokens = new LRUCache<string, string>({
    max: MAX_SCOPES,
    ttlResolution: 0,
    perf: { now: () => Date.now() },
    async fetchMethod(scope, _, { options }) {
      const { token, expiresIn } = await newToken(settings, scope)
      options.ttl = Math.max(1, expiresIn * 1000 - RENEW_BEFORE_MS)
      return token
    },
  })
  return (scope) => tokens.forceFetch(scope)
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
      .setExpirationTime(ASSERTION_LIFETIME)
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
