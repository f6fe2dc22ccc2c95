// For pages that send files from a browser: https://fetch.spec.whatwg.org/#http-cors-protocol

const SENT = [
  ...[
    'Authorization',
    'Content-Type',
    'Ocp-Apim-Subscription-Key',
    'Tus-Resumable',
    'Upload-Checksum',
    'Upload-Concat',
  ],
  ...['Upload-Length', 'Upload-Metadata', 'Upload-Offset', 'X-HTTP-Method-Override', 'X-Requested-With'],
]
const READ = [
  ...[
    'Location',
    'Retry-After',
    'Tus-Checksum-Algorithm',
    'Tus-Extension',
    'Tus-Max-Size',
    'Tus-Resumable',
    'Tus-Version',
  ],
  ...['Upload-Concat', 'Upload-Expires', 'Upload-Length', 'Upload-Metadata', 'Upload-Offset'],
]
const PREFLIGHT_IS_FRESH_SECONDS = '7200'

/** What lets a page of this origin read the answer; nothing for the others. */
export function corsHeaders(origins: readonly string[], origin: string | null): Record<string, string> {
  if (origins.length === 0) return {}
  const isAllowed = origin !== null && origins.includes(origin)
  return {
    vary: 'Origin',
    ...(isAllowed && { 'access-control-allow-origin': origin, 'access-control-expose-headers': READ.join(', ') }),
  }
}

/** The answer to a browser that asks whether it may call; undefined when it does not ask that, or may not. */
export function preflight(
  origins: readonly string[],
  { method, headers }: { method: string; headers: { get(name: string): string | null } },
  allowed: readonly string[],
) {
  const origin = headers.get('origin')
  if (method !== 'OPTIONS' || headers.get('access-control-request-method') === null) return undefined
  if (origin === null || !origins.includes(origin)) return undefined
  return {
    status: 204,
    headers: {
      ...corsHeaders(origins, origin),
      'access-control-allow-methods': allowed.join(', '),
      'access-control-allow-headers': SENT.join(', '),
      'access-control-max-age': PREFLIGHT_IS_FRESH_SECONDS,
    },
  }
}
