import { authorFields, authorOf } from '../../domain/author.js'
import { plainText } from '../../domain/plainText.js'
import { configure, newResource, type Resource, type ResourceChange } from '../../domain/resource.js'
import { err, ok } from '../../domain/result.js'
import { retryOnConflict } from '../../lib/retryOnConflict.js'
import type { Caller } from '../ports/access.js'
import type { ResourceRegistry, ResourceStore, ServiceOwnerStore } from '../ports/resources.js'
import type { Log } from '../ports/telemetry.js'

type Deps = {
  resources: ResourceStore
  serviceOwners: ServiceOwnerStore
  registry: ResourceRegistry
  isProduction: boolean
  log: Log
}

/** How often a resource is read and written again when others change it at the same moment. */
const ATTEMPTS = 10

async function changeResource<Done>(id: string, attempt: () => Promise<Done | 'conflict'>): Promise<Done> {
  const done = await retryOnConflict(attempt, (attempts) => attempts < ATTEMPTS)
  if (done === 'conflict') throw new Error(`The resource ${id} is being changed by others all the time.`)
  return done
}

/** The owner of a resource sets how its file transfers are treated. The first time adds the resource to Broker. */
export const configureResource = (deps: Deps) => (caller: Caller, id: string, asked: ResourceChange) =>
  changeResource(id, async () => {
    const stored = await deps.resources.read(id)
    const known = stored ? ok(stored.resource) : await newResourceOf(deps, id, caller)
    if (!known.ok) return known
    if (known.value.owner !== caller.organization) return err('NoAccessToResource')
    const configured = configure(known.value, asked, deps.isProduction)
    if (!configured.ok) return configured
    if ((await deps.resources.save(configured.value, stored?.version)) === 'conflict') return 'conflict'
    const changed = changedSettings(known.value, configured.value)
    const by = authorFields(authorOf(caller))
    if (!stored || changed) deps.log('resource.configured', { resourceId: id, isNew: !stored, changed, ...by })
    return ok(undefined)
  })

const MAX_SETTING_LENGTH = 100

/** The settings that differ, with their new values; undefined: none does. */
function changedSettings(before: Resource, after: Resource): Record<string, unknown> | undefined {
  const old = new Map<string, unknown>(Object.entries(before))
  const changed = Object.entries(after)
    .filter(([name, value]) => JSON.stringify(old.get(name)) !== JSON.stringify(value))
    .map(([name, value]) => [name, typeof value === 'string' ? plainText(value, MAX_SETTING_LENGTH) : value])
  return changed.length === 0 ? undefined : Object.fromEntries(changed)
}

async function newResourceOf({ registry, serviceOwners }: Deps, id: string, { organization }: Caller) {
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

/**
 * An operator approves a resource for sending without a virus scan in production, or withdraws that. Its owner cannot.
 */
export const approveUnscanned =
  ({ resources, log }: Pick<Deps, 'resources' | 'log'>) =>
  (caller: Caller, id: string, isApproved: boolean) =>
    changeResource(id, async () => {
      const stored = await resources.read(id)
      if (!stored) return err('ResourceHasNotBeenConfigured')
      const changed = { ...stored.resource, isApprovedForDisabledVirusScan: isApproved }
      if ((await resources.save(changed, stored.version)) === 'conflict') return 'conflict'
      log('resource.unscannedApproval', { resourceId: id, isApproved, ...authorFields(authorOf(caller)) })
      return ok(undefined)
    })
