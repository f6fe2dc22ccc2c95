import { remembered } from '../../lib/cache.js'
import type { AccessPolicy } from '../../usecases/ports/access.js'

const MOST = 10_000

/**
 * A policy that remembers for some seconds what it has permitted to a token, for those who only look. It forgets what it has denied, and is asked
 * anew before anything is sent or received, and about many parties. The oldest of very many permits are forgotten first.
 */
export function cachedDecisions(policy: AccessPolicy, seconds: number, now: () => Date, most = MOST): AccessPolicy {
  const permits = remembered<true>(most)
  return {
    ...policy,
    async isPermitted(caller, asked) {
      if (seconds === 0 || !asked.isReadOnly) return policy.isPermitted(caller, asked)
      const key = JSON.stringify([caller.claims, asked])
      if (permits.get(key, now().getTime())) return true
      const isPermitted = await policy.isPermitted(caller, asked)
      if (isPermitted) permits.keep(key, true, now().getTime() + seconds * 1000)
      return isPermitted
    },
  }
}
