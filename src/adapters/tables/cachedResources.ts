import { LRUCache } from 'lru-cache'
import type { OrganizationNumber } from '../../domain/organizationNumber.js'
import type { ServiceOwner } from '../../domain/serviceOwner.js'
import { expiringCache } from '../../lib/expiringCache.js'
import { upTo } from '../../lib/upTo.js'
import type { ResourceStore, ServiceOwnerStore, StoredResource } from '../../usecases/ports/resources.js'

/** So long another process may not see that the settings of a resource have changed. */
const CACHED_MS = 5000
const MAX_CACHED = 1000

/** Resources, with a cache of some seconds. One that is missing is not cached. */
export function cachedResources(store: Omit<ResourceStore, 'recent'>, now: () => Date): ResourceStore {
  const cache = expiringCache<StoredResource>({ ttlMs: CACHED_MS, now, ...upTo(MAX_CACHED) })

  async function read(id: string) {
    const startedMs = now().getTime()
    const stored = await store.read(id)
    // A slow answer is as old as its question.
    const ttl = CACHED_MS - (now().getTime() - startedMs)
    if (stored && ttl > 0) cache.set(id, stored, { ttl })
    return stored
  }

  return {
    read,
    idsOf: store.idsOf,
    recent: async (id) => cache.get(id) ?? read(id),
    save: (resource, replaced) => store.save(resource, replaced).finally(() => cache.delete(resource.id)),
  }
}

/** Caches service owners whose storage is ready: they do not change, and every new file transfer reads one. */
export function cachedServiceOwners(store: ServiceOwnerStore): ServiceOwnerStore {
  const ready = new LRUCache<OrganizationNumber, ServiceOwner>(upTo(MAX_CACHED))
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
