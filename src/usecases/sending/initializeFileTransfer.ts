import { authorOf } from '../../domain/fileTransfer/author.js'
import { type InitializeRequest, initialize } from '../../domain/fileTransfer/initialize.js'
import { err, ok } from '../../domain/result.js'
import { type ChangePorts, create } from '../commit/change.js'
import type { AccessPolicy, Caller } from '../ports/access.js'
import type { IdempotencyKeys, ResourceRegistry, ResourceStore, ServiceOwnerStore } from '../ports/resources.js'

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

    const [owner, areOnAccessList] = await Promise.all([
      serviceOwners.read(stored.resource.owner),
      registered?.hasAccessList ? registry.areOnAccessList(resourceId, recipients) : true,
    ])
    const begun = initialize(
      request,
      {
        resource: stored.resource,
        owner,
        isRegistered: registered !== undefined,
        isOutsideAccessList: !areOnAccessList,
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
