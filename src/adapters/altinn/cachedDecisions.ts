import { expiringCache } from '../../lib/expiringCache.js'
import { upTo } from '../../lib/upTo.js'
import type { AccessPolicy } from '../../usecases/ports/access.js'

const MAX_ENTRIES = 10_000

/**
 * A policy that caches for some seconds what it has permitted to a token that reads only. Denials are not cached, and
 * it decides anew before anything is sent or received, and about several parties.
 */
export function cachedDecisions(
  policy: AccessPolicy,
  seconds: number,
  now: () => Date,
  maxEntries = MAX_ENTRIES,
): AccessPolicy {
  if (seconds === 0) return policy
  const permitted = expiringCache<true>({
    ttlMs: seconds * 1000 - 1, // an entry is good until it is older than this
    now,
    ...upTo(maxEntries),
  })
  return {
    ...policy,
    async isPermitted(caller, asked) {
      if (!asked.isReadOnly) return policy.isPermitted(caller, asked)
      const key = JSON.stringify([caller.claims, asked])
      if (permitted.get(key)) return true
      const isPermitted = await policy.isPermitted(caller, asked)
      if (isPermitted) permitted.set(key, true)
      return isPermitted
    },
  }
}
