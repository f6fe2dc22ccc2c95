import { organizationNumber } from '../wire/organization.js'
import { BrokenConnection, TokenRefused } from './problem.js'

/** Gives the token for the next call. `renew`: the last one was refused. */
export type TokenProvider = (ask?: { renew?: boolean }) => string | Promise<string>

/** A token that somebody else keeps fresh. */
export const staticToken =
  (token: string): TokenProvider =>
  () =>
    token

/** So long before its end a token is not used any more. */
const MARGIN_MS = 20_000
/** As much of a refusal as is told, in characters. */
const MAX_SAID = 500

/** Keeps what `fetchToken` gives until shortly before it runs out. Who asks meanwhile waits for the same one. */
export function cachedToken(
  fetchToken: (ask: { renew: boolean }) => Promise<string>,
  now: () => number = Date.now,
): TokenProvider {
  let known: { token: string; endsAt: number } | undefined
  let coming: Promise<string> | undefined
  const fetchAndKeep = async (renew: boolean) => {
    const token = await fetchToken({ renew })
    known = { token, endsAt: expiryOf(token) }
    return token
  }
  return ({ renew = false } = {}) => {
    if (coming) return coming
    if (!renew && known && now() < known.endsAt - MARGIN_MS) return known.token
    coming = fetchAndKeep(renew).finally(() => {
      coming = undefined
    })
    return coming
  }
}

/** Altinn's platform. */
export const ALTINN = { production: 'https://platform.altinn.no', test: 'https://platform.tt02.altinn.no' }

export type Exchange = {
  /** Altinn's platform, such as `ALTINN.test`. */
  platformUrl: string
  /** Gives tokens of Maskinporten. */
  maskinporten: TokenProvider
  fetch?: typeof fetch
}

/** Altinn's tokens for tokens of Maskinporten, kept until shortly before they run out. */
export const altinnToken = ({ platformUrl, maskinporten, fetch: ask = fetch }: Exchange): TokenProvider =>
  cachedToken(async ({ renew }) => {
    const headers = { authorization: `Bearer ${await maskinporten({ renew })}` }
    const url = `${platformUrl}/authentication/api/v1/exchange/maskinporten`
    const response = await askForToken('Altinn', ask, url, { headers })
    return (await response.text()).replace(/^"|"$/g, '')
  })

/** A good answer. @throws BrokenConnection where there is none for now, and TokenRefused where it is refused. */
export async function askForToken(who: string, ask: typeof fetch, url: string, init?: RequestInit): Promise<Response> {
  const response = await ask(url, init).catch((cause: unknown) => {
    throw new BrokenConnection(`${who} does not answer at ${url}`, { cause })
  })
  if (response.ok) return response
  const says = [response.status, (await response.text()).slice(0, MAX_SAID)].join(' ').trim()
  if (response.status === 429 || response.status >= 500)
    throw new BrokenConnection(`${who} gives no token now: ${says}`)
  throw new TokenRefused(response.status, `${who} refuses a token: ${says}`)
}

/** What a JWT says; nothing where it is none. It is not verified: that is for who takes it. */
export function claimsOf(token: string): Record<string, unknown> {
  const [, payload = ''] = token.split('.')
  try {
    const text = atob(payload.replace(/-/g, '+').replace(/_/g, '/'))
    return JSON.parse(new TextDecoder().decode(Uint8Array.from(text, (letter) => letter.charCodeAt(0))))
  } catch {
    return {}
  }
}

/** Who a token is of, nine digits, in Broker's own order: the organisation of a system user, that of Altinn's token, that of Maskinporten's. */
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

/** In ms since 1970; 0, and so not kept, where the token does not tell. */
const expiryOf = (token: string) => {
  const { exp } = claimsOf(token)
  return typeof exp === 'number' ? exp * 1000 : 0
}
