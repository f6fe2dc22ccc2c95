import { addSeconds, isoDuration } from '../duration.js'
import { type OrganizationNumber, withPrefix } from '../organizationNumber.js'
import { chosenReminders, type Reminders } from '../reminders.js'
import { type Resource, requiredPartyNumber, timeToLiveSeconds } from '../resource.js'
import { err, ok, type Result } from '../result.js'
import type { ServiceOwner } from '../serviceOwner.js'
import { evolve } from './evolve.js'
import type { Encryption, Fact, FileTransfer, FileTransferId, PlaceInGroup } from './state.js'

/** What a sender requests. Its recipients are distinct. */
export type InitializeRequest = {
  fileName: string
  resourceId: string
  sendersFileTransferReference: string
  sender: OrganizationNumber
  recipients: OrganizationNumber[]
  propertyList: Record<string, string>
  checksum: string | null
  checksumSha256?: string | undefined
  disableVirusScan: boolean
  encryption?: Encryption | undefined
  /** A choice among those of the resource; undefined: all of them. */
  reminders?: Reminders | undefined
}

/**
 * The resource and its owner as Broker has them; whether the Resource Registry has it; whether a recipient is outside
 * its access list.
 */
export type ResourceContext = {
  resource: Resource | undefined
  owner: ServiceOwner | undefined
  isRegistered: boolean
  isOutsideAccessList: boolean
  /** The recipients of an encrypted file who have published no key to encrypt it for. */
  withoutKey?: OrganizationNumber[]
  isProduction: boolean
}

const NAMED = 3

/** A new file transfer with its first fact, or the first problem in the original's order. */
export function initialize(
  request: InitializeRequest,
  { resource, owner, isRegistered, isOutsideAccessList, withoutKey = [], isProduction }: ResourceContext,
  {
    id,
    at,
    vendor,
    searchPartition = 0,
    group,
  }: {
    id: FileTransferId
    at: Date
    vendor: OrganizationNumber | undefined
    searchPartition?: number
    group?: PlaceInGroup | undefined
  },
): Result<
  { transfer: FileTransfer; facts: Fact[] },
  | 'ResourceHasNotBeenConfigured'
  | 'ServiceOwnerNotConfigured'
  | 'NotApprovedForDisabledVirusScan'
  | 'StorageProviderNotReady'
  | 'InvalidResourceDefinition'
  | 'RecipientNotInAccessList'
  | 'RequiredPartyInvalidRecipientConfiguration'
  | 'RequiredPartyNotSpecified'
  | 'EncryptedFileCannotBeScanned'
  | { problem: 'RecipientWithoutEncryptionKey' | 'ReminderNotOffered'; detail: string }
> {
  const { sender, recipients, disableVirusScan } = request
  if (!resource) return err('ResourceHasNotBeenConfigured')
  if (!owner) return err('ServiceOwnerNotConfigured')
  if (disableVirusScan && isProduction && !resource.isApprovedForDisabledVirusScan) {
    return err('NotApprovedForDisabledVirusScan')
  }
  if (!owner.storageReadyAt) return err('StorageProviderNotReady')
  if (!isRegistered) return err('InvalidResourceDefinition')
  if (isOutsideAccessList) return err('RecipientNotInAccessList')
  const required = requiredPartyNumber(resource)
  if (required !== undefined && required !== sender) {
    if (recipients.length > 1) return err('RequiredPartyInvalidRecipientConfiguration')
    if (recipients[0] !== required) return err('RequiredPartyNotSpecified')
  }

  if (request.encryption && !disableVirusScan) return err('EncryptedFileCannotBeScanned')
  if (withoutKey.length > 0) {
    const others = withoutKey.length > NAMED ? ` and ${withoutKey.length - NAMED} others` : ''
    const detail = `These have none: ${withoutKey.slice(0, NAMED).map(withPrefix).join(', ')}${others}.`
    return err({ problem: 'RecipientWithoutEncryptionKey', detail })
  }

  const offered = resource.reminders ?? []
  const reminders = chosenReminders(offered, request.reminders)
  if (!reminders) {
    const detail = `It offers ${offered.length > 0 ? offered.map(isoDuration).join(', ') : 'none'}.`
    return err({ problem: 'ReminderNotOffered', detail })
  }

  const fact: Fact = {
    type: 'Initialized',
    ...(vendor && { vendor }),
    ...(reminders.length > 0 && { reminders }),
    at,
  }
  const transfer: FileTransfer = {
    id,
    resourceId: resource.id,
    serviceOwner: owner.organization,
    sender,
    ...(vendor && { vendor }),
    recipients: Object.fromEntries(recipients.map((each) => [each, { status: 'Initialized', changedAt: at }])),
    fileName: request.fileName,
    sendersFileTransferReference: request.sendersFileTransferReference,
    propertyList: request.propertyList,
    checksum: request.checksum,
    ...(request.checksumSha256 !== undefined && { checksumSha256: request.checksumSha256 }),
    useVirusScan: !disableVirusScan,
    ...(request.encryption && { encryption: request.encryption }),
    ...(group && { group }),
    ...(searchPartition > 0 && { searchPartition }),
    createdAt: at,
    expirationTime: addSeconds(at, timeToLiveSeconds(resource)),
    sequence: 0,
    lastFactAt: at,
    statusChangedAt: at,
    deadlines: [],
    status: 'Initialized',
  }
  return ok({ transfer: evolve(transfer, fact), facts: [fact] })
}
