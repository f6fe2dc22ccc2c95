import type { OrganizationNumber } from '../../domain/organizationNumber.js'
import type { ServiceOwner } from '../../domain/serviceOwner.js'
import type { ServiceOwnerStore } from '../../usecases/ports/resources.js'

const MOST = 1000

/**
 * A store that asks once in a process for a service owner whose storage is ready: nothing about it changes any more, and every file transfer that
 * begins asks. The first `most` are remembered.
 */
export function cachedServiceOwners(store: ServiceOwnerStore, most = MOST): ServiceOwnerStore {
  const ready = new Map<OrganizationNumber, ServiceOwner>()
  return {
    ...store,
    async read(organization) {
      const known = ready.get(organization)
      if (known) return known
      const owner = await store.read(organization)
      if (owner?.storageReadyAt && ready.size < most) ready.set(organization, owner)
      return owner
    },
  }
}
