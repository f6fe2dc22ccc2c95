import { generateKeyPair, SignJWT } from 'jose'
import { expect } from 'vitest'
import { POLLING } from './journey.js'
import { until } from './until.js'

// How the clients, scripts and collections of the original get their tokens and call, given one address for all of it.

export const MASKINPORTEN_TEST = 'https://test.maskinporten.no/'
const { privateKey } = await generateKeyPair('RS256')

type Body = NonNullable<NonNullable<Parameters<typeof fetch>[1]>['body']>
type Send = { method?: string; headers?: Record<string, string>; body?: Body }
type Grant = { client?: string; scope: string; audience?: string; actsFor?: string; accept?: string }

export function clientOfOriginal(base: string) {
  const send = (path: string, options: Send = {}) => fetch(new URL(path, base), options)

  /** A token of Maskinporten for an assertion that this client has signed, exchanged for one of Altinn. */
  async function token({ client = 'a-client', scope, audience = MASKINPORTEN_TEST, actsFor, accept }: Grant) {
    const now = Math.floor(Date.now() / 1000)
    const systemuser_org = { authority: 'iso6523-actorid-upis', ID: actsFor }
    const claims = actsFor && { authorization_details: [{ type: 'urn:altinn:systemuser', systemuser_org }] }
    const assertion = await new SignJWT({ aud: audience, scope, iss: client, iat: now, exp: now + 120, ...claims })
      .setProtectedHeader({ alg: 'RS256', kid: 'its-own' })
      .sign(privateKey)
    const grant_type = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
    const granted = await send('/token', {
      method: 'POST',
      headers: { accept: 'application/json' },
      body: new URLSearchParams({ grant_type, assertion }),
    })
    const { access_token } = (await granted.json()) as { access_token: string }
    const exchanged = await send('/authentication/api/v1/exchange/maskinporten', {
      headers: { authorization: `Bearer ${access_token}`, accept: accept ?? 'application/json' },
    })
    const isJson = exchanged.headers.get('content-type')?.includes('json')
    return isJson ? String(await exchanged.json()) : exchanged.text()
  }

  const as =
    (bearer: string, always: Record<string, string> = {}) =>
    (path: string, { headers, ...rest }: Send = {}) =>
      send(`/broker/api/v1/${path}`, { ...rest, headers: { authorization: `Bearer ${bearer}`, ...always, ...headers } })

  return {
    send,
    token,
    /** Calls with this token and these headers. */
    as,
    /** Polls the overview, as the scripts do. */
    published: (call: ReturnType<typeof as>, id: string, path = `filetransfer/${id}`) =>
      until(async () => {
        const overview = (await (await call(path)).json()) as { fileTransferStatus: string }
        expect(overview.fileTransferStatus).toBe('Published')
        return overview
      }, POLLING.interval),
  }
}

export const json = (body: unknown) => ({
  method: 'POST',
  headers: { 'content-type': 'application/json', accept: 'application/json' },
  body: JSON.stringify(body),
})

export const idIn = async (answer: Response) => {
  expect(answer.status).toBe(200)
  return ((await answer.json()) as { fileTransferId: string }).fileTransferId
}
