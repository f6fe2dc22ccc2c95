const TRANSIENT_STATUSES = [408, 429, 500, 502, 503, 504]
const TRANSIENT_CODES = [
  'ECONNREFUSED',
  'ECONNRESET',
  'ETIMEDOUT',
  'EPIPE',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENETUNREACH',
  'EHOSTUNREACH',
  'UND_ERR_SOCKET',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  // Azure's clients: the request was not sent, or the response broke off.
  'REQUEST_SEND_ERROR',
  'PARSE_ERROR',
  // jose: the keys of an issuer did not come in time.
  'ERR_JWKS_TIMEOUT',
]

/** Whether a dependency of Broker failed, so that a retry may succeed. */
export function isOutage(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false
  const { statusCode, code, name, retryable, isUpstream, cause } = error as Record<string, unknown>
  return (
    TRANSIENT_STATUSES.includes(Number(statusCode)) ||
    TRANSIENT_CODES.includes(String(code)) ||
    name === 'TimeoutError' ||
    retryable === true || // Service Bus says so of its own failures
    isUpstream === true ||
    isOutage(cause)
  )
}

/** Whether a dependency refused since it has too much to do. */
export const isThrottling = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'statusCode' in error && [429, 503].includes(Number(error.statusCode))

const MAX_RETRY_AFTER_SECONDS = 60

/** The `Retry-After` of the dependency that failed, in seconds, 60 at most; undefined when it sent none. */
export function retryAfterSeconds(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null) return undefined
  const { retryAfter, cause } = error as Record<string, unknown>
  if (typeof retryAfter !== 'string' || !/^[1-9]\d{0,8}$/.test(retryAfter)) return retryAfterSeconds(cause)
  return Math.min(MAX_RETRY_AFTER_SECONDS, Number(retryAfter))
}
