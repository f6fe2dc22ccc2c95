import { isThrottling } from '../../domain/outage.js'
import type { SearchActor, SearchProjection } from '../../domain/projections/search.js'
import { searchPartitionsOf, withMorePartitions } from '../../domain/projections/searchPartitions.js'
import type { ResourceStore } from '../ports/resources.js'
import type { SearchIndex } from '../ports/search.js'
import type { Log } from '../ports/telemetry.js'

type Deps = {
  resources: Pick<ResourceStore, 'read' | 'save'>
  log: Log
  now: () => Date
  inBackground: (work: Promise<unknown>) => void
}

/** A partition that refuses so many writes within this time, while others take theirs, has met its limit. */
const REFUSALS = 3
const WITHIN_MS = 10_000

/**
 * A search index that doubles the search partitions of a resource when the table throttles the writes of one. An outage
 * of the account refuses all writes: a refusal counts only when another partition has taken a write since the one
 * before.
 */
export function growingSearchIndex(index: SearchIndex, deps: Deps): SearchIndex {
  const { now, inBackground } = deps
  const busy = new Map<string, { refusals: number; since: number; isOtherServed: boolean }>()

  function taken(partition: string) {
    for (const [key, each] of busy) {
      if (now().getTime() - each.since > WITHIN_MS) busy.delete(key)
      else if (key !== partition) each.isOtherServed = true
    }
  }

  function hasMetLimit(partition: string): boolean {
    const known = busy.get(partition)
    if (!known || now().getTime() - known.since > WITHIN_MS) {
      busy.set(partition, { refusals: 1, since: now().getTime(), isOtherServed: false })
      return false
    }
    if (!known.isOtherServed) return false
    known.isOtherServed = false
    known.refusals++
    if (known.refusals < REFUSALS) return false
    busy.delete(partition)
    return true
  }

  return {
    ...index,
    async project(projection: SearchProjection, known) {
      const partition = keyOf(projection.actor)
      try {
        await index.project(projection, known)
        taken(partition)
      } catch (error) {
        if (isThrottling(error) && hasMetLimit(partition)) inBackground(grow(deps, projection.actor).catch(() => {}))
        throw error
      }
    },
  }
}

const keyOf = ({ organization, resourceId, partition = 0 }: SearchActor) =>
  JSON.stringify([organization, resourceId, partition])

/** Where another process was first, or this one fails, the next refusals decide again. */
async function grow({ resources, log }: Deps, { resourceId, partition = 0 }: SearchActor) {
  const stored = await resources.read(resourceId)
  const grown = stored && withMorePartitions(stored.resource, partition)
  if (!grown || (await resources.save(grown, stored.version)) === 'conflict') return
  log('resource.searchPartitionsDoubled', { resourceId, searchPartitions: searchPartitionsOf(grown) })
}
