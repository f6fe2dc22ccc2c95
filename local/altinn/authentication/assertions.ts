import { decodeJwt, errors, importJWK, type JWK, type JWTPayload, jwtVerify } from 'jose'

/** A client registered with the Maskinporten-like issuer: Broker itself. */
export type Client = { id: string; publicJwk: JWK }

/** Resolves to the claims of the assertion, or to what is wrong with it. */
export type AssertionCheck = (assertion: string) => Promise<JWTPayload | string>

/** Maskinporten in all its environments, and this machine: .NET clients leave the port out. */
const AUDIENCE = /^https?:\/\/(([a-z0-9]+\.)?maskinporten\.(no|dev)|127\.0\.0\.1|localhost)(:\d+)?(\/|$)/
const CLOCK_SKEW_SECONDS = 10

/**
 * The registered client's assertions are checked in full. Any other client gets a token, too, and `log` says so once:
 * the local world has no register of clients, so their keys are not known.
 */
export function assertionCheck(
  client: Client | undefined,
  issuer: string,
  log: (line: string) => void,
): AssertionCheck {
  const seen = new Set<unknown>()

  function ofUnknown(claims: JWTPayload): JWTPayload | string {
    const audiences = [claims.aud ?? []].flat()
    if (!audiences.some((each) => AUDIENCE.test(each)))
      return `aud is "${audiences.join(' ')}", which is not Maskinporten`
    if ((claims.exp ?? 0) < Date.now() / 1000 - CLOCK_SKEW_SECONDS) return 'the assertion has expired'
    if (!seen.has(claims.iss)) log(`client ${claims.iss} is not registered here: its signature is not checked`)
    seen.add(claims.iss)
    return claims
  }

  return async (assertion) => {
    try {
      const claims = decodeJwt(assertion)
      if (client === undefined || claims.iss !== client.id) return ofUnknown(claims)
      const key = await importJWK(client.publicJwk, client.publicJwk.alg ?? 'RS256')
      const checks = { audience: issuer, requiredClaims: ['exp', 'iat'], clockTolerance: CLOCK_SKEW_SECONDS }
      return (await jwtVerify(assertion, key, checks)).payload
    } catch (error) {
      if (error instanceof errors.JOSEError) return `the assertion is refused: ${error.message}`
      throw error
    }
  }
}
