const STATUSES = [408, 429, 500, 502, 503, 504]
const CODES = [
  ...['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'EPIPE', 'ENOTFOUND', 'EAI_AGAIN', 'ENETUNREACH', 'EHOSTUNREACH'],
  ...['UND_ERR_SOCKET', 'UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT'],
  // Azure's clients: nothing was sent, and an answer that broke off. jose: no keys of an issuer.
  ...['REQUEST_SEND_ERROR', 'PARSE_ERROR', 'ERR_JWKS_TIMEOUT'],
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

const LONGEST_SECONDS = 60

/** In how many seconds to ask again, within a minute, if the dependency that failed has said so. */
export function retryAfterSeconds(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null) return undefined
  const { retryAfter, cause } = error as Record<string, unknown>
  if (typeof retryAfter !== 'string' || !/^[1-9]\d{0,8}$/.test(retryAfter)) return retryAfterSeconds(cause)
  return Math.min(LONGEST_SECONDS, Number(retryAfter))
}
