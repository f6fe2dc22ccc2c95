import { LRUCache } from 'lru-cache'
import type { OrganizationNumber } from '../../domain/organizationNumber.js'
import type { ServiceOwner } from '../../domain/serviceOwner.js'
import type { ResourceStore, ServiceOwnerStore } from '../../usecases/ports/resources.js'

/** So long another process may not see that the settings of a resource have changed. */
const CACHED_MS = 5000
const MAX_CACHED = 1000

type Stored = NonNullable<Awaited<ReturnType<ResourceStore['read']>>>

/** Resources, cached for some seconds. Concurrent reads of one are one read; one that is missing is not cached. */
export function cachedResources(store: ResourceStore, now: () => Date): ResourceStore {
  const cache = new LRUCache<string, Stored>({
    max: MAX_CACHED,
    ttl: CACHED_MS,
    ttlResolution: 0,
    perf: { now: () => now().getTime() },
    fetchMethod: (id) => store.read(id),
  })

  return {
    read: (id) => cache.fetch(id),
    save: (resource, replaced) => store.save(resource, replaced).finally(() => cache.delete(resource.id)),
  }
}

/** Caches service owners whose storage is ready: they do not change, and every new file transfer reads one. */
export function cachedServiceOwners(store: ServiceOwnerStore): ServiceOwnerStore {
  const ready = new LRUCache<OrganizationNumber, ServiceOwner>({ max: MAX_CACHED })
  return {
    ...store,
    async read(organization) {
      const cached = ready.get(organization)
      if (cached) return cached
      const owner = await store.read(organization)
      if (owner?.storageReadyAt) ready.set(organization, owner)
      return owner
    },
  }
}
