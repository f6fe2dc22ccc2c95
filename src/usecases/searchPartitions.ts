import { searchPartitionsOf } from '../domain/projections/searchPartitions.js'
import type { Resource } from '../domain/resource.js'
import { expiringCache } from '../lib/expiringCache.js'
import { upTo } from '../lib/upTo.js'

/**
 * New transfers are spread over twice as many partitions when this process has known for so long that there are. It is
 * longer than another process takes a resource from its cache (5 s), so that every search reads them by then.
 */
const SPREAD_AFTER_MS = 10_000
/** A process that has forgotten learns it again from the next request. */
const KNOWN_MS = 24 * 3_600_000
const MAX_KNOWN = 1000

/** What this process knows of the search partitions of resources. */
export type SearchPartitions = {
  /** How many there were when it was told last; 1 when it was never told. */
  lastOf(resourceId: string): number
  /** How many there are, as the resource says; remembered. */
  of(resource: Resource): number
  /** Over how many new transfers are spread. */
  forNewOf(resource: Resource): number
}

/** Built once in a process. */
export function searchPartitions(now: () => Date): SearchPartitions {
  const known = expiringCache<{ partitions: number; since: Date }>({ ttlMs: KNOWN_MS, now, ...upTo(MAX_KNOWN) })

  function see(resource: Resource) {
    const before = known.get(resource.id)
    const partitions = searchPartitionsOf(resource)
    if (before && before.partitions >= partitions) return before
    const seen = { partitions, since: now() }
    known.set(resource.id, seen)
    return seen
  }

  return {
    lastOf: (resourceId) => known.get(resourceId)?.partitions ?? 1,
    of: (resource) => see(resource).partitions,
    forNewOf(resource) {
      const { partitions, since } = see(resource)
      const areKnown = now().getTime() - since.getTime() >= SPREAD_AFTER_MS
      // Half of them are known to all: they are doubled only when new transfers meet the limit of the newer half.
      return areKnown ? partitions : Math.ceil(partitions / 2)
    },
  }
}
