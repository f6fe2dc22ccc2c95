import { createHmac } from 'node:crypto'
import type { AccessToken, TokenCredential } from '@azure/identity'
import { withTimeout } from '../../lib/timeout.js'
import type { Endpoint } from '../azure/endpoint.js'

type Authorize = (path: string) => Promise<Record<string, string>>

const SCOPE = 'https://storage.azure.com/.default'
/** A token is renewed so long before it expires, while the old one is still used. */
const RENEWED_BEFORE_MS = 300_000
/** A token that has not come by then is asked for again: all calls wait for the same one. */
const TOKEN_MS = 10_000

/** The address of an account, and the headers that authorize a request to it. */
export function authorizationOf(
  endpoint: Endpoint,
  credential: TokenCredential,
): { address: string; authorize: Authorize } {
  if ('address' in endpoint) {
    // A token is never sent in the clear.
    if (!endpoint.address.startsWith('https:')) throw new Error('Tables are reached by identity over https alone.')
    return { address: endpoint.address, authorize: byToken(credential) }
  }
  const parts = partsOf(endpoint.connectionString)
  const { accountname: name, accountkey: key, defaultendpointsprotocol: protocol = 'https' } = parts
  if (!name || !key) throw new Error('The connection string of the tables has no AccountName and AccountKey.')
  const { endpointsuffix: suffix = 'core.windows.net', tableendpoint = `${protocol}://${name}.table.${suffix}` } = parts
  return { address: tableendpoint, authorize: bySharedKey(name, Buffer.from(key, 'base64')) }
}

const partsOf = (text: string): Record<string, string> =>
  Object.fromEntries(
    text.split(';').map((part) => {
      const [name = '', ...value] = part.split('=')
      return [name.trim().toLowerCase(), value.join('=')]
    }),
  )

// https://learn.microsoft.com/rest/api/storageservices/authorize-with-shared-key: Shared Key Lite and Table service
const bySharedKey =
  (name: string, key: Buffer): Authorize =>
  async (path) => {
    const date = new Date().toUTCString()
    const [resource] = path.split('?')
    const signature = createHmac('sha256', key).update(`${date}\n/${name}${resource}`).digest('base64')
    return { 'x-ms-date': date, authorization: `SharedKeyLite ${name}:${signature}` }
  }

/** An outage, whose status is none of the table service. */
function noToken(cause?: unknown): never {
  throw Object.assign(new Error('There is no token for the tables.', { cause }), { isUpstream: true })
}

function byToken(credential: TokenCredential): Authorize {
  let token: AccessToken | undefined
  let renewal: Promise<AccessToken> | undefined

  async function renewed(): Promise<AccessToken> {
    token = (await withTimeout(credential.getToken(SCOPE), TOKEN_MS).catch(noToken)) ?? noToken()
    return token
  }
  const headersWith = ({ token: bearer }: AccessToken) => ({
    'x-ms-date': new Date().toUTCString(),
    authorization: `Bearer ${bearer}`,
  })

  return async () => {
    const lastsMs = (token?.expiresOnTimestamp ?? 0) - Date.now()
    if (token && lastsMs > RENEWED_BEFORE_MS) return headersWith(token)
    renewal ??= renewed().finally(() => {
      renewal = undefined
    })
    if (!token || lastsMs <= 0) return headersWith(await renewal)
    renewal.catch(() => {}) // the next call tries again
    return headersWith(token)
  }
}
