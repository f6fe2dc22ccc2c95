import { importJWK, type JWK, SignJWT } from 'jose'
import { jsonIn } from './calls/http.js'
import { altinnToken, cachedToken, requestToken, type TokenProvider } from './calls/tokens.js'

/** The addresses of Maskinporten's metadata. */
export const MASKINPORTEN = {
  production: 'https://maskinporten.no/.well-known/oauth-authorization-server',
  test: 'https://test.maskinporten.no/.well-known/oauth-authorization-server',
}

/** A client that is registered with Maskinporten, and what its tokens are for. */
export type MaskinportenClient = {
  /** Such as `MASKINPORTEN.test`. */
  metadataUrl: string
  clientId: string
  /** The private key that is registered for the client, with its `kid`. */
  jwk: JWK
  /** Such as `altinn:broker.write altinn:broker.read`. */
  scope: string
  /** Acts as the system user that this organisation (nine digits) has given the client's system. */
  systemUser?: { organization: string; externalRef?: string } | undefined
  fetch?: typeof fetch | undefined
}

const GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
// Maskinporten refuses an assertion that is valid for more than 120 s.
const ASSERTION_SECONDS = 60

/** Maskinporten's tokens by a signed assertion (RFC 7523), cached until shortly before they expire. */
export function maskinportenToken(client: MaskinportenClient): TokenProvider {
  const fetchUrl = client.fetch ?? fetch
  const get = async (url: string, init?: RequestInit) =>
    jsonIn<Record<string, string>>(await requestToken('Maskinporten', fetchUrl, url, init), url)
  return cachedToken(async () => {
    const { issuer, token_endpoint: endpoint } = await get(client.metadataUrl)
    if (!issuer || !endpoint) throw new Error(`There is no metadata of Maskinporten at ${client.metadataUrl}`)
    const body = new URLSearchParams({ grant_type: GRANT, assertion: await assertionFor(client, issuer) })
    const { access_token: token } = await get(endpoint, { method: 'POST', body })
    if (!token) throw new Error(`There is no token in the answer of ${endpoint}`)
    return token
  })
}

/** Altinn's tokens for a Maskinporten client: the usual tokens for Broker. */
export const altinnTokenFor = (client: MaskinportenClient, platformUrl: string): TokenProvider =>
  altinnToken({ platformUrl, maskinporten: maskinportenToken(client), ...(client.fetch && { fetch: client.fetch }) })

async function assertionFor({ clientId, jwk, scope, systemUser }: MaskinportenClient, audience: string) {
  const alg = jwk.alg ?? 'RS256'
  const details = systemUser && [
    {
      type: 'urn:altinn:systemuser',
      systemuser_org: { authority: 'iso6523-actorid-upis', ID: `0192:${systemUser.organization}` },
      ...(systemUser.externalRef && { externalRef: systemUser.externalRef }),
    },
  ]
  const now = Math.floor(Date.now() / 1000)
  return new SignJWT({ scope, ...(details && { authorization_details: details }) })
    .setProtectedHeader({ alg, ...(jwk.kid && { kid: jwk.kid }) })
    .setIssuer(clientId)
    .setAudience(audience)
    .setJti(crypto.randomUUID())
    .setIssuedAt(now)
    .setExpirationTime(now + ASSERTION_SECONDS)
    .sign(await importJWK(jwk, alg))
}
