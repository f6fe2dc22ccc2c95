import { LRUCache } from 'lru-cache'
import { upTo } from '../../lib/upTo.js'
import type { Answer } from '../problem/problemJson.js'
import { clientAddress } from './clientAddress.js'
import { isSecret } from './secretHash.js'
import type { Admit } from './webhookGuard.js'

const HOUR_MS = 3_600_000
/** Addresses whose calls are counted; beyond that, the one that has been quiet for the longest goes. */
const MAX_ADDRESSES = 10_000

type Options = {
  /** SHA-256 of the key, in hex; undefined: every request is refused. */
  keyHash: string | undefined
  /** Calls of one address in any hour. */
  limit: number
  now: () => Date
}

/**
 * Admits to reports (spec 9.2) the holder of the key, up to `limit` times an hour. Every answer has how many are
 * left.
 */
export function statisticsGuard({ keyHash, limit, now }: Options): Admit {
  const calls = new LRUCache<string, number[]>({ ...upTo(MAX_ADDRESSES) })
  return async ({ headers }) => {
    const refused = refusalOf(headers.get('x-api-key'), keyHash)
    if (refused) return { answer: { ...error(401, refused), security: { reason: 'statisticsKey' } } }
    const address = clientAddress(headers)
    const at = now().getTime()
    const recent = (calls.get(address) ?? []).filter((each) => each > at - HOUR_MS)
    const isAllowed = recent.length < limit
    if (isAllowed) recent.push(at)
    calls.set(address, recent)

    const resetsAt = (recent[0] ?? at) + HOUR_MS
    const limits = {
      'x-ratelimit-limit': String(limit),
      'x-ratelimit-remaining': String(limit - recent.length),
      'x-ratelimit-reset': String(Math.ceil(resetsAt / 1000)),
    }
    if (isAllowed) return { headers: limits }
    const retryAfter = Math.max(1, Math.ceil((resetsAt - at) / 1000))
    const more = { retryAfter, resetTime: new Date(resetsAt).toISOString() }
    const answer = error(429, `At most ${limit} reports an hour. Try again later.`, more)
    const limited = { ...answer.headers, ...limits, 'retry-after': String(retryAfter) }
    return { answer: { ...answer, headers: limited, security: { reason: 'rateLimit' } } }
  }
}

function refusalOf(key: string | null, keyHash: string | undefined): string | undefined {
  if (key === null) return 'The header X-API-Key is missing.'
  if (key.trim() === '') return 'The header X-API-Key is empty.'
  if (keyHash === undefined) return 'No key for statistics is configured here.'
  return isSecret(key, keyHash) ? undefined : 'The key in X-API-Key is not the right one.'
}

const error = (status: number, text: string, more: object = {}): Answer => ({
  status,
  headers: { 'content-type': 'application/json; charset=utf-8' },
  body: JSON.stringify({ error: text, ...more }),
})
