import { hash } from 'node:crypto'
import { createRemoteJWKSet, decodeJwt, errors, type JWTVerifyGetKey, jwtVerify } from 'jose'
import { z } from 'zod'
import { plainText } from '../../domain/plainText.js'
import { CLOCK_SKEW_SECONDS } from '../../domain/tokenTimes.js'
import { remembered } from '../../lib/cache.js'
import type { Caller } from '../../usecases/ports/access.js'
import { callerOf } from './caller.js'
import { jsonOf } from './upstreamResponse.js'

/** Whoever holds this token, or why it is no good. `expired`: who held it, if nothing but its time is the reason. */
export type VerifyToken = (token: string) => Promise<{ caller: Caller } | { refused: string; expired?: Caller }>

const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512']
/** A token that was found good is good for so long, or until its time is over: docs/decisions/0020. */
const REMEMBERED_MS = 60_000
const MOST_REMEMBERED = 10_000
const METADATA_IS_FRESH_MS = 3_600_000
const FAILURE_IS_FRESH_MS = 5_000
/** Two issuers may be asked, and one for its keys. */
const PATIENCE_MS = 5_000

/** A reason may repeat what the token says of itself. */
const MAX_REASON = 200

/** Failures to get the keys of an issuer, for which no token is to blame. */
const KEYS_NOT_HAD = ['ERR_JOSE_GENERIC', 'ERR_JWKS_TIMEOUT', 'ERR_JWKS_INVALID']

const metadata = z.object({ issuer: z.string(), jwks_uri: z.url() })

/**
 * Checks tokens in full: signature by a key of one of the issuers, algorithm, issuer, time (`exp` is required) and, if audiences are given,
 * audience; what was good is not checked again for a minute. `issuers` are addresses of their metadata documents (OpenID Connect Discovery,
 * RFC 8414). @throws when an issuer does not answer.
 */
export function tokenVerifier({ issuers, audiences }: { issuers: string[]; audiences: string[] }): VerifyToken {
  const known = issuers.map(discoveredIssuer)
  const good = remembered<Caller>(MOST_REMEMBERED)

  return async (token) => {
    const key = hash('sha256', token)
    const holder = good.get(key, Date.now())
    if (holder) return { caller: holder }
    const claimed = issuerOf(token)
    if (claimed === undefined) return { refused: 'It is not a JSON Web Token.' }
    const issuer = await issuerNamed(known, claimed)
    if (!issuer) return { refused: 'Its issuer is not trusted here.' }
    try {
      const { payload } = await jwtVerify(token, issuer.keys, {
        issuer: issuer.name,
        algorithms: ALGORITHMS,
        clockTolerance: CLOCK_SKEW_SECONDS,
        requiredClaims: ['exp'],
        ...(audiences.length > 0 && { audience: audiences }),
      })
      const caller = callerOf(payload)
      good.keep(key, caller, Math.min(1000 * (payload.exp ?? 0), Date.now() + REMEMBERED_MS))
      return { caller }
    } catch (error) {
      if (!(error instanceof errors.JOSEError)) throw error
      if (KEYS_NOT_HAD.includes(error.code)) throw Object.assign(error, { isUpstream: true })
      // jose looks at the times last of all.
      const expired = error instanceof errors.JWTExpired ? { expired: callerOf(error.payload) } : {}
      return { refused: plainText(error.message, MAX_REASON), ...expired }
    }
  }
}

function issuerOf(token: string): string | undefined {
  try {
    return decodeJwt(token).iss
  } catch {
    return undefined
  }
}

/** Asked one after the other: whose issuer answers does not wait for the others. @throws when it may be one that does not answer. */
async function issuerNamed(known: (() => Promise<Issuer>)[], name: string): Promise<Issuer | undefined> {
  let failure: { error: unknown } | undefined
  for (const discovered of known) {
    try {
      const issuer = await discovered()
      if (issuer.name === name) return issuer
    } catch (error) {
      failure = { error }
    }
  }
  if (failure) throw failure.error
  return undefined
}

type Issuer = { name: string; keys: JWTVerifyGetKey }

/**
 * An issuer by its metadata, read when it is first needed and once an hour. While a new reading is under way, or fails, the old one holds and
 * nobody waits; after a failure it is read again some seconds later.
 */
function discoveredIssuer(address: string): () => Promise<Issuer> {
  let known: Issuer | undefined
  let reading: Promise<Issuer> | undefined
  let readAgainAt = 0

  async function read(): Promise<Issuer> {
    try {
      known = await discover(address)
      readAgainAt = Date.now() + METADATA_IS_FRESH_MS
      return known
    } catch (error) {
      readAgainAt = Date.now() + FAILURE_IS_FRESH_MS
      throw error
    } finally {
      reading = undefined
    }
  }

  return async () => {
    if (known && Date.now() < readAgainAt) return known
    reading ??= read()
    if (!known) return reading
    reading.catch(() => {}) // the old one holds
    return known
  }
}

async function discover(address: string): Promise<Issuer> {
  const response = await fetch(address, { signal: AbortSignal.timeout(PATIENCE_MS) })
  const { issuer, jwks_uri } = metadata.parse(await jsonOf(response))
  return { name: issuer, keys: createRemoteJWKSet(new URL(jwks_uri), { timeoutDuration: PATIENCE_MS }) }
}
