import { organizationNumber } from '../wire/organization.js'
import { BrokenConnection, TokenRefused, textOf, UnexpectedResponse } from './problem.js'

/** The token for the next call. `renew`: the last one was refused. */
export type TokenProvider = (request?: { renew?: boolean }) => string | Promise<string>

/** One token for all calls; the caller keeps it valid. */
export const staticToken =
  (token: string): TokenProvider =>
  () =>
    token

/** A cached token is renewed this long before it expires. */
const MARGIN_MS = 20_000
/** The characters of a refusal that an error repeats, at most. */
const MAX_REASON_CHARACTERS = 500

/** Caches the token of `fetchToken` until shortly before it expires. Concurrent calls share one request. */
export function cachedToken(
  fetchToken: (request: { renew: boolean }) => Promise<string>,
  now: () => number = Date.now,
): TokenProvider {
  let cached: { token: string; expiresAt: number } | undefined
  let pending: Promise<string> | undefined
  const fetchAndCache = async (renew: boolean) => {
    const token = await fetchToken({ renew })
    cached = { token, expiresAt: expiryOf(token) }
    return token
  }
  return ({ renew = false } = {}) => {
    if (pending) return pending
    if (!renew && cached && now() < cached.expiresAt - MARGIN_MS) return cached.token
    pending = fetchAndCache(renew).finally(() => {
      pending = undefined
    })
    return pending
  }
}

/** Altinn's platform. */
export const ALTINN = { production: 'https://platform.altinn.no', test: 'https://platform.tt02.altinn.no' }

/** Whose tokens to exchange, and where. */
export type Exchange = {
  /** Altinn's platform, such as `ALTINN.test`. */
  platformUrl: string
  /** Maskinporten's tokens. */
  maskinporten: TokenProvider
  fetch?: typeof fetch
}

/** Altinn's tokens in exchange for Maskinporten's, cached until shortly before they expire. */
export const altinnToken = ({ platformUrl, maskinporten, fetch: fetchUrl = fetch }: Exchange): TokenProvider =>
  cachedToken(async ({ renew }) => {
    const headers = { authorization: `Bearer ${await maskinporten({ renew })}` }
    const url = `${platformUrl}/authentication/api/v1/exchange/maskinporten`
    const response = await requestToken('Altinn', fetchUrl, url, { headers })
    const token = (await textOf(response, url)).trim().replace(/^"|"$/g, '')
    if (!/^[\w.-]+$/.test(token))
      throw new UnexpectedResponse(`${platformUrl} gives no token: is it Altinn's platform?`)
    return token
  })

/** The response with a token. @throws BrokenConnection when a retry may help, TokenRefused when it is refused. */
export async function requestToken(
  who: string,
  fetchUrl: typeof fetch,
  url: string,
  init?: RequestInit,
): Promise<Response> {
  const response = await fetchUrl(url, init).catch((cause: unknown) => {
    throw new BrokenConnection(`${who} does not answer at ${url}`, { cause })
  })
  if (response.ok) return response
  const reason = `${response.status} ${reasonIn(await textOf(response, url))}`.trim()
  if (response.status === 429 || response.status >= 500)
    throw new BrokenConnection(`${who} gives no token now: ${reason}`)
  throw new TokenRefused(response.status, `${who} refuses a token: ${reason}`)
}

/** RFC 6749 §5.2, else the text; nothing of a web page. */
function reasonIn(text: string): string {
  try {
    const { error, error_description: description } = JSON.parse(text) as Record<string, unknown>
    if (typeof description === 'string') return `${description} (${error})`
  } catch {
    // Not JSON.
  }
  return /^\s*</.test(text) ? '' : text.slice(0, MAX_REASON_CHARACTERS)
}

/** The claims of a JWT; empty when it is no JWT. Its signature is not verified: Broker does that. */
export function claimsOf(token: string): Record<string, unknown> {
  const [, payload = ''] = token.split('.')
  try {
    const text = atob(payload.replace(/-/g, '+').replace(/_/g, '/'))
    return JSON.parse(new TextDecoder().decode(Uint8Array.from(text, (letter) => letter.charCodeAt(0))))
  } catch {
    return {}
  }
}

/**
 * The organisation of a token, nine digits. In Broker's order: the organisation of the system user, of Altinn's token,
 * of Maskinporten's token.
 */
export function organizationIn(token: string): string | undefined {
  const claims = claimsOf(token) as {
    authorization_details?: { systemuser_org?: { ID?: string } }[]
    consumer?: { ID?: string }
    'urn:altinn:orgNumber'?: string
  }
  const systemUser = claims.authorization_details?.[0]?.systemuser_org?.ID
  const party = systemUser ?? claims['urn:altinn:orgNumber'] ?? claims.consumer?.ID
  return party === undefined ? undefined : organizationNumber(party)
}

/** In ms since 1970; 0, so not cached, when the token has no expiry. */
const expiryOf = (token: string) => {
  const { exp } = claimsOf(token)
  return typeof exp === 'number' ? exp * 1000 : 0
}
