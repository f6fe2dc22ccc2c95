import type { AccessPolicy } from '../../usecases/ports.js'

const MOST = 10_000

/**
 * A policy that remembers for some seconds what it has permitted to a token, for those who only look. It forgets what it has denied, and is asked
 * anew before anything is sent or received. The oldest of very many permits are forgotten first.
 */
export function rememberedPermits(policy: AccessPolicy, seconds: number, now: () => Date, most = MOST): AccessPolicy {
  const permits = new Map<string, number>()
  return {
    async isPermitted(caller, asked) {
      if (seconds === 0 || !asked.isToLook) return policy.isPermitted(caller, asked)
      const key = JSON.stringify([caller.claims, asked])
      const until = permits.get(key)
      if (until !== undefined && now().getTime() < until) return true
      permits.delete(key)
      const isPermitted = await policy.isPermitted(caller, asked)
      if (isPermitted) permits.set(key, now().getTime() + seconds * 1000)
      const [oldest] = permits.keys()
      if (permits.size > most && oldest !== undefined) permits.delete(oldest)
      return isPermitted
    },
  }
}
