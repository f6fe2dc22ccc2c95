import { authorOf } from '../../domain/author.js'
import { type InitializeRequest, initialize } from '../../domain/fileTransfer/initialize.js'
import type {
  Fact,
  FileTransfer,
  FileTransferGroupId,
  FileTransferId,
  PlaceInGroup,
} from '../../domain/fileTransfer/state.js'
import { searchPartitionOf } from '../../domain/projections/searchPartitions.js'
import { err, ok, type Result } from '../../domain/result.js'
import type { TransferCommits } from '../commit/transferCommits.js'
import type { AccessPolicy, Caller } from '../ports/access.js'
import type { FileTransferReader } from '../ports/fileTransfers.js'
import type {
  EncryptionKeys,
  IdempotencyKeys,
  ResourceRegistry,
  ResourceStore,
  ServiceOwnerStore,
} from '../ports/resources.js'
import type { SearchPartitions } from '../searchPartitions.js'

export type InitializeDeps = {
  commits: TransferCommits
  transfers: FileTransferReader
  access: AccessPolicy
  resources: ResourceStore
  serviceOwners: ServiceOwnerStore
  registry: ResourceRegistry
  idempotencyKeys: IdempotencyKeys
  encryptionKeys: EncryptionKeys
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
 * request is answered with the same id for 24 hours.
 */
export const initializeFileTransfer =
  (deps: InitializeDeps) => async (caller: Caller, request: InitializeRequest, idempotencyKey?: string) => {
    const { commits, transfers, newId } = deps
    const prepared = await prepareSending(deps, caller, request)
    if (!prepared.ok) return prepared
    const begun = prepared.value(request, newId())
    if (!begun.ok) return begun
    const { transfer, facts } = begun.value
    if (idempotencyKey === undefined) {
      const created = await commits.create(transfer, facts, authorOf(caller))
      return created.ok ? ok(transfer.id) : created
    }

    const claimed = await claimKey(deps, caller, request, { key: idempotencyKey, id: transfer.id })
    if (!claimed.ok) return claimed
    const { value: id } = claimed
    // The process of an earlier request may have died between the claim and the creation: then the transfer is created
    // now.
    const isCreated = id !== transfer.id && (await transfers.read(id)) !== undefined
    return isCreated ? ok(id) : createOnce(deps, caller, { transfer: { ...transfer, id }, facts })
  }

/** Creates a transfer that another request may create with this id, too. Answers when it is there. */
export async function createOnce(
  { commits, transfers }: InitializeDeps,
  caller: Caller,
  { transfer, facts }: { transfer: FileTransfer; facts: Fact[] },
): Promise<Result<FileTransferId, 'FileTransferBusy'>> {
  const created = await commits.createOnce(transfer, facts, authorOf(caller))
  // Another was first, or this one came too late.
  return created.ok || (await transfers.read(transfer.id)) ? ok(transfer.id) : err('FileTransferBusy')
}

/** What all file transfers of one request share. */
type SendRequest = Pick<InitializeRequest, 'resourceId' | 'sender' | 'recipients' | 'encryption'>

/**
 * Asks what decides whether this caller may send to these recipients. The answer begins transfers, or refuses them all
 * for the same problem.
 */
export async function prepareSending(
  { access, resources, registry, serviceOwners, encryptionKeys, searchPartitions, isProduction, now }: InitializeDeps,
  caller: Caller,
  { resourceId, sender, recipients, encryption }: SendRequest,
) {
  const [isPermitted, stored, registered] = await Promise.all([
    access.isPermitted(caller, { actions: ['write'], resourceId, party: sender }),
    resources.recent(resourceId),
    registry.find(resourceId),
  ])
  if (!isPermitted || !stored) return err('NoAccessToResource')

  const { resource } = stored
  const [owner, areOnAccessList, keys] = await Promise.all([
    serviceOwners.read(resource.owner),
    registered?.hasAccessList ? registry.areOnAccessList(resourceId, recipients) : true,
    encryption && encryptionKeys.of(resourceId, recipients),
  ])
  const withKey = new Set(keys?.map(({ organization }) => organization))
  const context = {
    resource,
    owner,
    isRegistered: registered !== undefined,
    isOutsideAccessList: !areOnAccessList,
    withoutKey: keys ? recipients.filter((each) => !withKey.has(each)) : [],
    isProduction,
  }
  return ok((request: InitializeRequest, id: FileTransferId, group?: PlaceInGroup) => {
    const searchPartition = searchPartitionOf(id, searchPartitions.forNewOf(resource))
    return initialize(request, context, { id, at: now(), vendor: caller.vendor, searchPartition, group })
  })
}

/** The id of what this request began when it first came with the key: the given one, or that of an earlier time. */
export async function claimKey(
  { idempotencyKeys, hash, now }: InitializeDeps,
  caller: Caller,
  request: SendRequest,
  { key, id }: { key: string; id: FileTransferId | FileTransferGroupId },
) {
  const requestHash = hash(JSON.stringify(request))
  const entry = await idempotencyKeys.claim(
    caller.organization ?? request.sender,
    key,
    { fileTransferId: id, requestHash, at: now() },
    new Date(now().getTime() - KEY_LIFETIME_MS),
  )
  return entry.requestHash === requestHash ? ok(entry.fileTransferId) : err('IdempotencyKeyReused')
}
