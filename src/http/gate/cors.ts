// For pages that call from a browser: https://fetch.spec.whatwg.org/#http-cors-protocol

/** The headers that a page may send: also those that are refused, so that it can read why. */
export const SENT = [
  'Authorization, Content-Encoding, Content-Range, Content-Transfer-Encoding, Content-Type',
  'Idempotency-Key, If-Range, Ocp-Apim-Subscription-Key, Range, X-API-Key',
  'Tus-Resumable, Upload-Checksum, Upload-Concat, Upload-Defer-Length, Upload-Length, Upload-Metadata, Upload-Offset',
  'X-HTTP-Method-Override, X-Request-ID, X-Requested-With, baggage, traceparent, tracestate',
].join(', ')

/** The headers of an answer that a page may read, beside those that it always may. */
export const READ = [
  'Accept-Encoding, Accept-Ranges, Allow, Content-Disposition, Content-Range, ETag, Link, Location, Repr-Digest, Retry-After',
  'WWW-Authenticate',
  'Tus-Checksum-Algorithm, Tus-Extension, Tus-Max-Size, Tus-Resumable, Tus-Version',
  'Upload-Concat, Upload-Expires, Upload-Length, Upload-Metadata, Upload-Offset, X-Broker-Version',
].join(', ')

const PREFLIGHT_IS_FRESH_SECONDS = '7200'

type Preflight = { method: string; headers: { get(name: string): string | null } }

/**
 * Headers by which a page of one of these origins can read the answer. Other requests get `Vary` alone, for caches;
 * without origins there are none.
 */
export function corsHeaders(origins: readonly string[] = [], { headers }: Pick<Preflight, 'headers'>) {
  if (origins.length === 0) return {}
  const origin = originAmong(origins, headers)
  return {
    vary: 'Origin',
    ...(origin !== undefined && { 'access-control-allow-origin': origin, 'access-control-expose-headers': READ }),
  }
}

/** The answer to a preflight request, beside `corsHeaders`; undefined: it is no preflight, or of another origin. */
export function preflight(origins: readonly string[] = [], { method, headers }: Preflight, allowed: string) {
  if (method !== 'OPTIONS' || headers.get('access-control-request-method') === null) return undefined
  if (originAmong(origins, headers) === undefined) return undefined
  return {
    status: 204,
    headers: {
      'access-control-allow-methods': allowed,
      'access-control-allow-headers': SENT,
      'access-control-max-age': PREFLIGHT_IS_FRESH_SECONDS,
    },
  }
}

const originAmong = (origins: readonly string[], headers: Preflight['headers']) =>
  origins.find((each) => each === headers.get('origin'))
