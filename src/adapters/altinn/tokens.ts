import { createRemoteJWKSet, decodeJwt, errors, type JWTVerifyGetKey, jwtVerify } from 'jose'
import { LRUCache } from 'lru-cache'
import { z } from 'zod'
import { plainText } from '../../domain/plainText.js'
import { CLOCK_SKEW_SECONDS } from '../../domain/tokenTimes.js'
import { sha256 } from '../../lib/sha256.js'
import { upTo } from '../../lib/upTo.js'
import type { Caller } from '../../usecases/ports/access.js'
import { callerOf } from './caller.js'
import { jsonOf } from './upstreamResponse.js'

/**
 * The caller that holds this token, or why it is invalid. `expired`: who held it, if it is invalid for its time alone.
 */
export type VerifyToken = (token: string) => Promise<{ caller: Caller } | { refused: string; expired?: Caller }>

const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512']
/** For how long a valid token is not verified again, if it does not expire before: docs/decisions/0020. */
const VALID_MS = 60_000
const MAX_CACHED = 10_000
const METADATA_MS = 3_600_000
const METADATA_AFTER_FAILURE_MS = 5_000
/** Two issuers may be asked, and one for its keys. */
const TIMEOUT_MS = 5_000

/** A reason may repeat what the token says of itself. */
const MAX_REASON = 200

/** Failures to get the keys of an issuer, for which no token is to blame. */
const KEYS_UNAVAILABLE = ['ERR_JOSE_GENERIC', 'ERR_JWKS_TIMEOUT', 'ERR_JWKS_INVALID']

const metadata = z.object({ issuer: z.string(), jwks_uri: z.url() })

/**
 * Verifies tokens in full: signature by a key of one of the issuers, algorithm, issuer, time (`exp` is required) and,
 * if audiences are given, audience; a valid one is cached for a minute. `issuers` are addresses of their metadata
 * documents (OpenID Connect Discovery, RFC 8414). @throws when an issuer does not answer.
 */
export function tokenVerifier({ issuers, audiences }: { issuers: string[]; audiences: string[] }): VerifyToken {
  const discovered = discoveredIssuers()
  const valid = new LRUCache<string, Caller>({ ...upTo(MAX_CACHED), ttlResolution: 0, perf: { now: () => Date.now() } })

  return async (token) => {
    const key = sha256(token)
    const cached = valid.get(key)
    if (cached) return { caller: cached }
    const claimed = issuerOf(token)
    if (claimed === undefined) return { refused: 'It is not a JSON Web Token.' }
    const issuer = await issuerNamed(claimed, issuers, discovered)
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
      const ttl = Math.min(1000 * (payload.exp ?? 0) - Date.now(), VALID_MS)
      if (ttl > 0) valid.set(key, caller, { ttl })
      return { caller }
    } catch (error) {
      if (!(error instanceof errors.JOSEError)) throw error
      if (KEYS_UNAVAILABLE.includes(error.code)) throw Object.assign(error, { isUpstream: true })
      // jose checks the times last.
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

type Issuer = { name: string; keys: JWTVerifyGetKey }
type Discovered = (address: string) => Promise<Issuer>

/**
 * One after the other: a token whose issuer answers does not wait for the others. @throws when it may be of an issuer
 * that does not answer.
 */
async function issuerNamed(name: string, addresses: string[], discovered: Discovered): Promise<Issuer | undefined> {
  let failure: { error: unknown } | undefined
  for (const address of addresses) {
    try {
      const issuer = await discovered(address)
      if (issuer.name === name) return issuer
    } catch (error) {
      failure = { error }
    }
  }
  if (failure) throw failure.error
  return undefined
}

/**
 * Issuers by their metadata, read when first needed and once an hour. While it is read again, or when that fails, the
 * old one holds and no caller waits; after a failure it is read again some seconds later.
 */
function discoveredIssuers(): Discovered {
  const issuers = new LRUCache<string, Issuer>({
    max: 10,
    ttl: METADATA_MS,
    ttlResolution: 0,
    perf: { now: () => Date.now() },
    allowStale: true,
    async fetchMethod(address, old, { options }) {
      try {
        return await discover(address)
      } catch (error) {
        if (!old) throw error
        options.ttl = METADATA_AFTER_FAILURE_MS
        return old
      }
    },
  })
  return (address) => issuers.forceFetch(address)
}

async function discover(address: string): Promise<Issuer> {
  const response = await fetch(address, { signal: AbortSignal.timeout(TIMEOUT_MS) })
  const { issuer, jwks_uri } = metadata.parse(await jsonOf(response))
  return { name: issuer, keys: createRemoteJWKSet(new URL(jwks_uri), { timeoutDuration: TIMEOUT_MS }) }
}
