import { type InitializeRequest, initialize } from '../domain/initialize.js'
import { err, ok } from '../domain/result.js'
import { type ChangePorts, create } from './change.js'
import type { AccessPolicy, Caller, ResourceRegistry, ResourceStore, ServiceOwnerStore } from './ports.js'

type Deps = ChangePorts & {
  access: AccessPolicy
  resources: ResourceStore
  serviceOwners: ServiceOwnerStore
  registry: ResourceRegistry
  isProduction: boolean
}

/** A sender announces a file. The answer is the id to upload it to. */
export const initializeFileTransfer = (deps: Deps) => async (caller: Caller, request: InitializeRequest) => {
  const { access, resources, serviceOwners, registry, isProduction, newId, now } = deps
  const { resourceId, sender, recipients } = request
  const [isPermitted, stored, registered] = await Promise.all([
    access.isPermitted(caller, { actions: ['write'], resourceId, party: sender }),
    resources.read(resourceId),
    registry.find(resourceId),
  ])
  if (!isPermitted || !stored) return err('NoAccessToResource')

  const asked = registered?.hasAccessList ? recipients : []
  const [owner, areListed] = await Promise.all([
    serviceOwners.read(stored.resource.owner),
    Promise.all(asked.map((each) => registry.isOnAccessList(resourceId, each))),
  ])
  const begun = initialize(
    request,
    {
      resource: stored.resource,
      owner,
      isRegistered: registered !== undefined,
      isOutsideAccessList: areListed.includes(false),
      isProduction,
    },
    { id: newId(), at: now(), vendor: caller.vendor },
  )
  if (!begun.ok) return begun
  const created = await create(deps, begun.value.transfer, begun.value.facts)
  return created.ok ? ok(begun.value.transfer.id) : created
}
