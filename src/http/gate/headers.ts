import { corsHeaders } from './cors.js'

/** On every answer (spec 3.2). */
const SECURITY_HEADERS = { 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' }

/** What every answer has beside its own headers: for browsers, and for pages of these origins. */
export const commonHeaders = (
  corsOrigins: readonly string[] | undefined,
  request: { headers: Pick<Headers, 'get'> },
): Record<string, string> => ({ ...SECURITY_HEADERS, ...corsHeaders(corsOrigins, request) })

/** The token in an `Authorization` header. */
export const bearerIn = (header: string | null): string | undefined => /^Bearer +(\S+) *$/i.exec(header ?? '')?.[1]
