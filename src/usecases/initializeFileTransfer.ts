import { authorOf } from '../domain/author.js'
import { type InitializeRequest, initialize } from '../domain/initialize.js'
import type { OrganizationNumber } from '../domain/organizationNumber.js'
import { err, ok } from '../domain/result.js'
import { type ChangePorts, create } from './change.js'
import { forEachOf } from './forEachOf.js'
import type {
  AccessPolicy,
  Caller,
  IdempotencyKeys,
  ResourceRegistry,
  ResourceStore,
  ServiceOwnerStore,
} from './ports.js'

type Deps = ChangePorts & {
  access: AccessPolicy
  resources: ResourceStore
  serviceOwners: ServiceOwnerStore
  registry: ResourceRegistry
  idempotencyKeys: IdempotencyKeys
  /** A short text that stands for a long one, and for no other. */
  hash: (text: string) => string
  isProduction: boolean
}

const KEYS_HOLD_MS = 24 * 3_600_000

/**
 * A sender announces a file. The answer is the id to upload it to. With a key the same request of the same organisation leads to the same
 * transfer for 24 hours, and to no second one.
 */
export const initializeFileTransfer =
  (deps: Deps) => async (caller: Caller, request: InitializeRequest, idempotencyKey?: string) => {
    const { access, resources, serviceOwners, registry, idempotencyKeys, hash, isProduction, newId, now } = deps
    const { resourceId, sender, recipients } = request
    const [isPermitted, stored, registered] = await Promise.all([
      access.isPermitted(caller, { actions: ['write'], resourceId, party: sender }),
      resources.read(resourceId),
      registry.find(resourceId),
    ])
    if (!isPermitted || !stored) return err('NoAccessToResource')

    const asked = registered?.hasAccessList ? recipients : []
    const [owner, outside] = await Promise.all([
      serviceOwners.read(stored.resource.owner),
      outsiders(registry, resourceId, asked),
    ])
    const begun = initialize(
      request,
      {
        resource: stored.resource,
        owner,
        isRegistered: registered !== undefined,
        isOutsideAccessList: outside.length > 0,
        isProduction,
      },
      { id: newId(), at: now(), vendor: caller.vendor },
    )
    if (!begun.ok) return begun
    const { transfer, facts } = begun.value
    if (idempotencyKey === undefined) {
      const created = await create(deps, transfer, facts, authorOf(caller))
      return created.ok ? ok(transfer.id) : created
    }

    const key = { organization: caller.organization ?? sender, text: idempotencyKey }
    const requestHash = hash(JSON.stringify(request))
    const entry = await idempotencyKeys.claim(
      key.organization,
      key.text,
      { fileTransferId: transfer.id, requestHash, at: now() },
      new Date(now().getTime() - KEYS_HOLD_MS),
    )
    if (entry.requestHash !== requestHash) return err('IdempotencyKeyReused')
    // What an earlier request claimed and did not live to create is created now. When it is there, it is there.
    const isThere =
      entry.fileTransferId !== transfer.id && (await deps.transfers.read(entry.fileTransferId)) !== undefined
    if (!isThere) await create(deps, { ...transfer, id: entry.fileTransferId }, facts, authorOf(caller))
    return ok(entry.fileTransferId)
  }

const ASKED_AT_ONCE = 8

/** Those of the recipients who are not on the access list of the resource. */
async function outsiders(registry: ResourceRegistry, resourceId: string, recipients: OrganizationNumber[]) {
  const outside: OrganizationNumber[] = []
  let hasFailed = false
  await forEachOf(recipients, ASKED_AT_ONCE, async (each) => {
    if (hasFailed) return // the registry does not answer: the others are not asked about in vain
    const isOn = await registry.isOnAccessList(resourceId, each).catch((error: unknown) => {
      hasFailed = true
      throw error
    })
    if (!isOn) outside.push(each)
  })
  return outside
}
