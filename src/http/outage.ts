const STATUSES = [408, 429, 500, 502, 503, 504]
const CODES = [
  ...['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'EPIPE', 'ENOTFOUND', 'EAI_AGAIN', 'ENETUNREACH', 'EHOSTUNREACH'],
  ...['UND_ERR_SOCKET', 'UND_ERR_CONNECT_TIMEOUT', 'REQUEST_SEND_ERROR', 'ERR_JWKS_TIMEOUT'],
]

/** Whether a failure is of something that Broker depends on, and so may pass: the caller is asked to try again. */
export function isOutage(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false
  const { statusCode, code, name, retryable, isUpstream, cause } = error as Record<string, unknown>
  return (
    STATUSES.includes(Number(statusCode)) ||
    CODES.includes(String(code)) ||
    name === 'TimeoutError' ||
    retryable === true || // Service Bus says so of its own failures
    isUpstream === true ||
    isOutage(cause)
  )
}
