import { BrokenConnection, problemIn } from './problem.js'

/** Gives the token for the next call. `renew`: the last one was refused. */
export type TokenProvider = (ask?: { renew?: boolean }) => string | Promise<string>

/** A token that somebody else keeps fresh. */
export const staticToken =
  (token: string): TokenProvider =>
  () =>
    token

/** So long before its end a token is not used any more. */
const MARGIN_MS = 20_000

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
    const response = await ask(`${platformUrl}/authentication/api/v1/exchange/maskinporten`, { headers }).catch(
      (cause: unknown) => {
        throw new BrokenConnection(`Altinn does not answer at ${platformUrl}`, { cause })
      },
    )
    if (!response.ok) throw await problemIn(response)
    return (await response.text()).replace(/^"|"$/g, '')
  })

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

/** In ms since 1970; 0, and so not kept, where the token does not tell. */
const expiryOf = (token: string) => {
  const { exp } = claimsOf(token)
  return typeof exp === 'number' ? exp * 1000 : 0
}
