import { authorOf } from '../../domain/author.js'
import { type InitializeRequest, initialize } from '../../domain/fileTransfer/initialize.js'
import { searchPartitionOf } from '../../domain/projections/searchPartitions.js'
import { err, ok } from '../../domain/result.js'
import type { TransferCommits } from '../commit/transferCommits.js'
import type { AccessPolicy, Caller } from '../ports/access.js'
import type { FileTransferReader } from '../ports/fileTransfers.js'
import type { IdempotencyKeys, ResourceRegistry, ResourceStore, ServiceOwnerStore } from '../ports/resources.js'
import type { SearchPartitions } from '../searchPartitions.js'

type Deps = {
  commits: TransferCommits
  transfers: FileTransferReader
  access: AccessPolicy
  resources: ResourceStore
  serviceOwners: ServiceOwnerStore
  registry: ResourceRegistry
  idempotencyKeys: IdempotencyKeys
  searchPartitions: SearchPartitions
  /** A hash, in hex. */
  hash: (text: string) => string
  isProduction: boolean
  newId: () => string
  now: () => Date
}

const KEY_LIFETIME_MS = 24 * 3_600_000

/**
 * Initializes a transfer for a sender. The answer is the id to upload the file to. With an idempotency key the same
 * request of the same organisation gets the same transfer for 24 hours, and no second one.
 */
export const initializeFileTransfer =
  (deps: Deps) => async (caller: Caller, request: InitializeRequest, idempotencyKey?: string) => {
    const { commits, transfers, access, resources, serviceOwners, registry, idempotencyKeys, hash, isProduction } = deps
    const { newId, now, searchPartitions } = deps
    const { resourceId, sender, recipients } = request
    const [isPermitted, stored, registered] = await Promise.all([
      access.isPermitted(caller, { actions: ['write'], resourceId, party: sender }),
      resources.recent(resourceId),
      registry.find(resourceId),
    ])
    if (!isPermitted || !stored) return err('NoAccessToResource')

    const [owner, areOnAccessList] = await Promise.all([
      serviceOwners.read(stored.resource.owner),
      registered?.hasAccessList ? registry.areOnAccessList(resourceId, recipients) : true,
    ])
    const id = newId()
    const searchPartition = searchPartitionOf(id, searchPartitions.forNewOf(stored.resource))
    const begun = initialize(
      request,
      {
        resource: stored.resource,
        owner,
        isRegistered: registered !== undefined,
        isOutsideAccessList: !areOnAccessList,
        isProduction,
      },
      { id, at: now(), vendor: caller.vendor, searchPartition },
    )
    if (!begun.ok) return begun
    const { transfer, facts } = begun.value
    if (idempotencyKey === undefined) {
      const created = await commits.create(transfer, facts, authorOf(caller))
      return created.ok ? ok(transfer.id) : created
    }

    const key = { organization: caller.organization ?? sender, text: idempotencyKey }
    const requestHash = hash(JSON.stringify(request))
    const entry = await idempotencyKeys.claim(
      key.organization,
      key.text,
      { fileTransferId: transfer.id, requestHash, at: now() },
      new Date(now().getTime() - KEY_LIFETIME_MS),
    )
    if (entry.requestHash !== requestHash) return err('IdempotencyKeyReused')
    // The process of an earlier request may have died between the claim and the creation: then the transfer is created
    // now.
    const isCreated = entry.fileTransferId !== transfer.id && (await transfers.read(entry.fileTransferId)) !== undefined
    if (!isCreated) await commits.createOnce({ ...transfer, id: entry.fileTransferId }, facts, authorOf(caller))
    return ok(entry.fileTransferId)
  }
