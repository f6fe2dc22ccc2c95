import { hash } from 'node:crypto'
import { authorOf } from '../../domain/author.js'
import { plainText } from '../../domain/plainText.js'
import type { Caller } from '../../usecases/ports/access.js'
import type { Log, Measure } from '../../usecases/ports/telemetry.js'

/** Why a request is refused, where that is a matter of who sends it. */
export type RefusalReason =
  | 'subscriptionKey'
  | 'tokenMissing'
  | 'tokenInvalid'
  | 'tokenExpired'
  | 'scope'
  | 'access'
  | 'webhook'
  | 'statisticsKey'
  | 'rateLimit'

/** A refusal, and who was refused: only a token whose signature is good says that. */
export type SecurityRefusal = { reason: RefusalReason; caller?: Caller | undefined }

/** Counts a refusal and writes it to the log. `token` is the one that came with the request, valid or not. */
export type SecurityLog = (
  refusal: SecurityRefusal & { operation: string; token: string | undefined; traceId: string },
) => void

/** Lines of one operation and reason within a window; of more, one line has the count. */
const MAX_LINES = 10
const WINDOW_MS = 60_000
/** A timer may run a little early. */
const LATE_MS = 10
const MAX_LENGTH = 100
const TOKEN_HASH_LENGTH = 16

type Window = { operation: string; reason: RefusalReason; endsAtMs: number; logged: number; left: number }

/**
 * The security log (OWASP API Security A09). No line has a token, a key, or anything about a person. `nowMs` never runs
 * backwards.
 */
export function securityLog({ log, measure, nowMs }: { log: Log; measure: Measure; nowMs: () => number }): SecurityLog {
  // In the order of their ends, at most one for each row and reason. No cache: each ends with a line of what it left
  // out.
  const windows = new Map<string, Window>()

  function endWindows(now: number) {
    for (const [key, { operation, reason, endsAtMs, left }] of windows) {
      if (endsAtMs > now) return
      windows.delete(key)
      if (left > 0) log('security.moreRefused', { operation, reason, count: left })
    }
  }

  return ({ operation, reason, caller, token, traceId }) => {
    measure('refusals', 1, { operation, reason })
    const now = nowMs()
    endWindows(now)
    const key = `${operation} ${reason}`
    const window = windows.get(key) ?? { operation, reason, endsAtMs: now + WINDOW_MS, logged: 0, left: 0 }
    windows.set(key, window)
    if (window.logged >= MAX_LINES) {
      // The last window of a flood has no refusal after it.
      if (window.left++ === 0) setTimeout(() => endWindows(nowMs()), window.endsAtMs - now + LATE_MS).unref()
      return
    }
    window.logged++
    log('security.refused', {
      operation,
      reason,
      organization: caller?.organization,
      clientId: caller && authorOf(caller).clientId,
      tokenId: textIn(caller?.claims.jti) ?? (token && hash('sha256', token).slice(0, TOKEN_HASH_LENGTH)),
      traceId,
    })
  }
}

const textIn = (claim: unknown): string | undefined =>
  typeof claim === 'string' ? plainText(claim, MAX_LENGTH) || undefined : undefined

/** Why a token is refused, by what came of its check; undefined: there was none. */
export function tokenRefusal(
  verified: { caller: Caller } | { refused: string; expired?: Caller } | undefined,
): SecurityRefusal {
  if (!verified) return { reason: 'tokenMissing' }
  const expired = 'expired' in verified ? verified.expired : undefined
  return expired ? { reason: 'tokenExpired', caller: expired } : { reason: 'tokenInvalid' }
}

const REASONS: Record<string, RefusalReason> = {
  NoAccessToResource: 'access',
  CallerOrganizationIdNotFound: 'access',
  RecipientNotInAccessList: 'access',
  TokenExpired: 'tokenExpired',
}

/** What a use case refused, if that is a matter of who the caller is. */
export function accessRefusal(problem: string | undefined, caller: Caller): { security?: SecurityRefusal } {
  const reason = problem === undefined ? undefined : REASONS[problem]
  return reason ? { security: { reason, caller } } : {}
}
