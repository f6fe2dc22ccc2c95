import type { Caller } from '../../usecases/ports/access.js'
import { retryAfter } from '../problem/retryAfter.js'
import { type SecurityRefusal, tokenRefusal } from './securityLog.js'

/** Why the gate does not let a request pass: what a protocol writes in its own form. */
export type GateRefusal = {
  status: number
  detail: string
  headers?: Record<string, string>
  security?: SecurityRefusal
}

/** What came of the check of a token. An expired one whose signature is good says whose it was. */
export type Verified = { caller: Caller } | { refused: string; expired?: Caller }

/** No token, or one that is not valid. */
export function unauthenticated(verified: Verified | undefined): GateRefusal {
  const security = tokenRefusal(verified)
  if (verified) return { ...invalidToken('refused' in verified ? verified.refused : ''), security }
  return {
    status: 401,
    detail: 'Send a token: Authorization: Bearer …',
    headers: { 'www-authenticate': 'Bearer' },
    security,
  }
}

/** A token that does not verify (RFC 6750 §3.1); the answer says why. */
export const invalidToken = (why: string): GateRefusal => ({
  status: 401,
  detail: `The token is no good: ${why}`,
  headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
})

/** A token without any of these scopes. */
export const missingScope = (scopes: readonly string[], caller: Caller): GateRefusal => ({
  status: 403,
  detail: `The token needs the scope ${scopes.join(' or ')}.`,
  security: { reason: 'scope', caller },
})

/** A caller who has reached the rate limit. */
export const tooManyCalls = (waitSeconds: number, caller?: Caller): GateRefusal => ({
  status: 429,
  detail: `There were too many calls of this kind. Try again in ${waitSeconds} s.`,
  headers: retryAfter(waitSeconds),
  security: { reason: 'rateLimit', caller },
})

/** Something that Broker depends on fails; undefined: it has not said for how long. */
export const outage = (waitSeconds: number | undefined): GateRefusal => ({
  status: 503,
  detail: 'Something that Broker depends on does not answer. Try again.',
  headers: retryAfter(waitSeconds),
})
