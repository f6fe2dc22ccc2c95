/** The result of one delivery attempt: the HTTP status of Altinn Events, or why there is none. */
export type DeliveryResult = number | 'NoAnswer' | 'UnknownParty'

/**
 * Transient statuses among 4xx: Broker's own token and scopes, which an operator corrects, and those that mean a retry
 * (RFC 9110 §15.5.9 and §15.5.10, RFC 8470 §5.2, RFC 6585 §4).
 */
const TRANSIENT = [401, 403, 408, 409, 425, 429]

/** Whether a retry would have the same result, since the event or its receiver is at fault. */
export function isPermanentFailure(result: DeliveryResult): boolean {
  if (result === 'NoAnswer') return false
  return result === 'UnknownParty' || (result >= 400 && result < 500 && !TRANSIENT.includes(result))
}
