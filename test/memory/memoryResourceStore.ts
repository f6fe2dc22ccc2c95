import type { Resource } from '../../src/domain/resource.js'
import type { ServiceOwner } from '../../src/domain/serviceOwner.js'
import type { Version } from '../../src/usecases/ports/fileTransfers.js'
import type { ResourceStore, ServiceOwnerStore } from '../../src/usecases/ports/resources.js'

/** How resources are configured, in memory. */
export function memoryResourceStore(): ResourceStore {
  const stored = new Map<string, { resource: Resource; version: Version }>()
  let saves = 0

  const read = async (id: string) => structuredClone(stored.get(id))

  return {
    read,
    recent: read,

    async idsOf(owner, limit) {
      const own = [...stored.values()].filter(({ resource }) => resource.owner === owner)
      return own.map(({ resource }) => resource.id).slice(0, limit)
    },

    async save(resource, replaced) {
      if (stored.get(resource.id)?.version !== replaced) return 'conflict'
      stored.set(resource.id, structuredClone({ resource, version: `W/"${++saves}"` }))
      return 'saved'
    },
  }
}

/** The registered service owners, in memory. */
export function memoryServiceOwnerStore(): ServiceOwnerStore {
  const owners = new Map<string, ServiceOwner>()

  return {
    async read(organization) {
      return structuredClone(owners.get(organization))
    },

    async add({ organization, name }) {
      if (owners.has(organization)) return 'exists'
      owners.set(organization, { organization, name, storageReadyAt: undefined })
      return 'added'
    },

    async setStorageReady({ organization }, storageReadyAt) {
      const owner = owners.get(organization)
      if (!owner) throw new Error('There is no such service owner.')
      owners.set(organization, { ...owner, storageReadyAt })
    },
  }
}
