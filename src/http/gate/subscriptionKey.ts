import type { Answer } from '../problem/problemJson.js'
import { isSecret } from './secretHash.js'

/** The header that carries a key of the API gateway. */
export const SUBSCRIPTION_KEY = 'ocp-apim-subscription-key'

/** The refusal of a request with this key; undefined when the key is good. */
export type KeyCheck = (key: string | null) => Answer | undefined

const MISSING =
  'Access denied due to missing subscription key. Make sure to include subscription key when making requests to an API.'
const INVALID =
  'Access denied due to invalid subscription key. Make sure to provide a valid key for an active subscription.'

/** Checks keys as Azure API Management does, by their SHA-256 hashes in hex. Without hashes nothing is checked. */
export const subscriptionKeyCheck =
  (hashes: readonly string[]): KeyCheck =>
  (key) => {
    if (hashes.length === 0) return undefined
    if (!key) return refusal(MISSING)
    return isSecret(key, ...hashes) ? undefined : refusal(INVALID)
  }

const refusal = (message: string): Answer => ({
  status: 401,
  headers: {
    'content-type': 'application/json',
    'www-authenticate': 'AzureApiManagementKey realm="broker/api/v1",name="Ocp-Apim-Subscription-Key",type="header"',
  },
  body: JSON.stringify({ statusCode: 401, message }),
})
