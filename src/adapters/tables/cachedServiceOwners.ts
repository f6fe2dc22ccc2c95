import { LRUCache } from 'lru-cache'
import type { OrganizationNumber } from '../../domain/organizationNumber.js'
import type { ServiceOwner } from '../../domain/serviceOwner.js'
import type { ServiceOwnerStore } from '../../usecases/ports/resources.js'

const MAX_ENTRIES = 1000

/** Caches service owners whose storage is ready: they do not change, and every new file transfer reads one. */
export function cachedServiceOwners(store: ServiceOwnerStore): ServiceOwnerStore {
  const ready = new LRUCache<OrganizationNumber, ServiceOwner>({ max: MAX_ENTRIES })
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
