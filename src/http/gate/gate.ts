import type { HttpRequest } from '@azure/functions'
import { isOutage, retryAfterSeconds } from '../../domain/outage.js'
import type { Caller } from '../../usecases/ports/access.js'
import type { Log } from '../../usecases/ports/telemetry.js'
import type { Row } from '../contract/operation.js'
import type { Answer } from '../problem/problemJson.js'
import { clientAddress } from './clientAddress.js'
import { bearerIn, commonHeaders } from './headers.js'
import type { RateLimit } from './rateLimit.js'
import { type GateRefusal, missingScope, outage, tooManyCalls, unauthenticated, type Verified } from './refusals.js'
import type { SecurityLog, SecurityRefusal } from './securityLog.js'
import { type KeyCheck, SUBSCRIPTION_KEY } from './subscriptionKey.js'

// The gate that every request passes, JSON and TUS alike. Each protocol decides on the order of the checks, and with it
// on the refusal that a caller sees, and writes the refusals in its own form.

/** What the gate checks requests with. */
export type Gate = {
  verify: (token: string) => Promise<Verified>
  log: Log
  /** Undefined: refusals are not logged. */
  security?: SecurityLog
  /** Undefined: no key of a gateway is required. */
  checkKey?: KeyCheck
  /** Undefined: callers are not limited. */
  rateLimit?: RateLimit | undefined
  /** Undefined: pages of no other origin may read the answers. */
  corsOrigins?: readonly string[]
  /** Aborts the files that are being received. */
  shutdown?: AbortSignal
}

/** An answer, and the refusal that it is, if it is one for the security log. */
export type Answered = Answer & { security?: SecurityRefusal | undefined }

/** How a protocol writes the refusals of one request. */
export type Encoder = {
  /** `error` is what was thrown, where that is the reason. */
  refused(refusal: GateRefusal, error?: unknown): Answer
  /** An unexpected failure. */
  failed(error: unknown): Answer
}

/** A refusal in the form of its protocol, with its line for the security log. */
export const encode = (encoder: Encoder, refusal: GateRefusal, error?: unknown): Answered => ({
  ...encoder.refused(refusal, error),
  security: refusal.security,
})

/**
 * Answers a request whatever happens: in stream mode the Functions host leaves the client waiting when a handler
 * throws. Failures and refusals are logged, and every answer gets the headers that all have.
 */
export async function answerAlways(
  { log, security, corsOrigins }: Pick<Gate, 'log' | 'security' | 'corsOrigins'>,
  { request, functionName, traceId }: { request: HttpRequest; functionName: string; traceId: string },
  encoder: Encoder,
  answer: () => Promise<Answered>,
): Promise<Answer> {
  const { security: refusal, ...answered } = await answer().catch((error: unknown): Answered => {
    const isPassing = isOutage(error)
    log(isPassing ? 'dependency.failed' : 'request.unexpectedFailure', { functionName, traceId, error })
    return isPassing ? encode(encoder, outage(retryAfterSeconds(error)), error) : encoder.failed(error)
  })
  if (refusal) {
    const token = bearerIn(request.headers.get('authorization'))
    security?.({ ...refusal, operation: functionName, token, traceId })
  }
  return { ...answered, headers: { ...commonHeaders(corsOrigins, request), ...answered.headers } }
}

/** The refusal of a request without a good key, as the gateway in front writes it in every protocol. */
export function refusedKey({ checkKey }: Pick<Gate, 'checkKey'>, { headers }: HttpRequest): Answered | undefined {
  const refused = checkKey?.(headers.get(SUBSCRIPTION_KEY))
  return refused && { ...refused, security: { reason: 'subscriptionKey' } }
}

/** Who calls, and whether the token has expired. */
export type Admitted = { caller: Caller; isExpired: boolean }

const ANONYMOUS: Caller = { organization: undefined, vendor: undefined, scopes: [], claims: {} }

/** Token, scope and rate limit, in this order. A row without scopes is open to all, and its caller anonymous. */
export async function admit(
  { verify, rateLimit }: Pick<Gate, 'verify' | 'rateLimit'>,
  row: Row,
  { headers }: HttpRequest,
  { mayBeExpired = false } = {},
): Promise<Admitted | { refusal: GateRefusal }> {
  const admitted = await authenticate(verify, row.scopes, headers, mayBeExpired)
  if ('refusal' in admitted) return admitted
  const { caller } = admitted
  const waitSeconds = rateLimit?.(row, caller.organization ?? clientAddress(headers))
  return waitSeconds === undefined ? admitted : { refusal: tooManyCalls(waitSeconds, caller) }
}

async function authenticate(
  verify: Gate['verify'],
  scopes: readonly string[],
  headers: HttpRequest['headers'],
  mayBeExpired: boolean,
): Promise<Admitted | { refusal: GateRefusal }> {
  if (scopes.length === 0) return { caller: ANONYMOUS, isExpired: false }
  const token = bearerIn(headers.get('authorization'))
  const verified = token === undefined ? undefined : await verify(token)
  const isExpired = verified !== undefined && 'refused' in verified
  const caller = verified && ('caller' in verified ? verified.caller : mayBeExpired ? verified.expired : undefined)
  if (!caller) return { refusal: unauthenticated(verified) }
  if (!scopes.some((scope) => caller.scopes.includes(scope))) return { refusal: missingScope(scopes, caller) }
  return { caller, isExpired }
}
