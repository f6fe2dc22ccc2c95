import { configure, newResource, type Resource, type ResourceChange } from '../domain/resource.js'
import { err, ok } from '../domain/result.js'
import type { Caller, Log, ResourceRegistry, ResourceStore, ServiceOwnerStore } from './ports.js'

type Deps = {
  resources: ResourceStore
  serviceOwners: ServiceOwnerStore
  registry: ResourceRegistry
  isProduction: boolean
}

/** How often a resource that others change at the same moment is tried again. */
const TRIES = 10

/** The owner of a resource sets how its file transfers are treated. The first time makes the resource known to Broker. */
export const configureResource = (deps: Deps) => async (caller: Caller, id: string, asked: ResourceChange) => {
  for (let tries = 0; tries < TRIES; tries++) {
    const stored = await deps.resources.read(id)
    const known = stored ? ok(stored.resource) : await newlyKnown(deps, id, caller)
    if (!known.ok) return known
    if (known.value.owner !== caller.organization) return err('NoAccessToResource')
    const configured = configure(known.value, asked, deps.isProduction)
    if (!configured.ok) return configured
    if ((await deps.resources.save(configured.value, stored?.version)) === 'saved') return ok(undefined)
  }
  throw new Error(`The resource ${id} is being changed by others all the time.`)
}

async function newlyKnown({ registry, serviceOwners }: Deps, id: string, { organization }: Caller) {
  const registered = await registry.find(id)
  if (!registered) return err('InvalidResourceDefinition')
  if (registered.owner !== organization) return err('NoAccessToResource')
  const owner = await serviceOwners.read(registered.owner)
  return owner ? ok(newResource(id, registered.owner)) : err('ServiceOwnerHasNotBeenConfigured')
}

/** How the file transfers of a resource are treated, for its owner. */
export const getResource =
  ({ resources }: Pick<Deps, 'resources'>) =>
  async (caller: Caller, id: string) => {
    const stored = await resources.read(id)
    if (!stored) return err('ResourceHasNotBeenConfigured')
    const resource: Resource = stored.resource
    return resource.owner === caller.organization ? ok(resource) : err('NoAccessToResource')
  }

/** An operator says whether a resource may send without a virus scan where scans are demanded. Its owner cannot. */
export const approveUnscanned =
  ({ resources, log }: { resources: ResourceStore; log: Log }) =>
  async ({ organization }: Caller, id: string, isApproved: boolean) => {
    for (let tries = 0; tries < TRIES; tries++) {
      const stored = await resources.read(id)
      if (!stored) return err('ResourceHasNotBeenConfigured')
      const changed = { ...stored.resource, isApprovedForDisabledVirusScan: isApproved }
      if ((await resources.save(changed, stored.version)) === 'conflict') continue
      log('resource.unscannedApproval', { resourceId: id, isApproved, by: organization })
      return ok(undefined)
    }
    throw new Error(`The resource ${id} is being changed by others all the time.`)
  }
