/** What came of a try to deliver an event: the HTTP status of Altinn Events, or why there is none. */
export type DeliveryResult = number | 'NoAnswer' | 'UnknownParty'

/**
 * Statuses of 4xx that pass: Broker's own token and its scopes, which an operator mends for all events at once, and those that ask for another
 * try by their meaning (RFC 9110 §15.5.9 and §15.5.10, RFC 8470 §5.2, RFC 6585 §4).
 */
const PASSING = [401, 403, 408, 409, 425, 429]

/** Whether the answer is about the event or its receiver, so that it stays the same however soon it is asked for again. */
export function isPermanentFailure(answer: DeliveryResult): boolean {
  if (answer === 'NoAnswer') return false
  return answer === 'UnknownParty' || (answer >= 400 && answer < 500 && !PASSING.includes(answer))
}
