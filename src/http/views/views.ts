import { formatDuration, isoDuration } from '../../domain/duration.js'
import { nextReminder, plannedReminders } from '../../domain/fileTransfer/reminders.js'
import { publicReason } from '../../domain/fileTransfer/scanDetails.js'
import type {
  Fact,
  FileTransfer,
  FileTransferId,
  FileTransferStatus,
  RecipientStatus,
} from '../../domain/fileTransfer/state.js'
import { fileOf, recipientsOf } from '../../domain/fileTransfer/state.js'
import { statusAfter } from '../../domain/fileTransfer/statusAfter.js'
import { type OrganizationNumber, withPrefix } from '../../domain/organizationNumber.js'
import type { Reminders } from '../../domain/reminders.js'
import type { Resource } from '../../domain/resource.js'
import type { ServiceOwner } from '../../domain/serviceOwner.js'
import type { EventEntry } from '../../usecases/ports/events.js'
import type { FileTransferDetails, FileTransferEvents, FileTransferOverview } from '../contract/responses/responses.js'
import type { ResourceConfiguration, ServiceOwnerOverview } from '../contract/responses/serviceOwnerResponses.js'

// The shapes on the wire (spec 4.5, 4.6, 7.2). What the original has is never left out: what is not known is null.

/** A time as the original writes it: `2024-04-19T07:22:19.438+00:00`, the fraction without trailing zeros. */
export const timestamp = (at: Date): string => at.toISOString().replace(/\.?0*Z$/, '+00:00')

const STATUS_TEXTS: Record<FileTransferStatus, string> = {
  Initialized: 'Ready for upload',
  UploadStarted: 'Upload started',
  UploadProcessing: 'Processing upload',
  Published: 'Ready for download',
  Cancelled: 'FileTransfer cancelled',
  AllConfirmedDownloaded: 'All downloaded',
  Purged: 'FileTransfer has been purged',
  Failed: 'Upload failed',
}

const RECIPIENT_TEXTS: Record<RecipientStatus, string> = {
  Initialized: 'Initialized',
  DownloadStarted: 'Recipient has attempted to download fileTransfer',
  DownloadConfirmed: 'Recipient has downloaded fileTransfer',
}

/** A failure has internal details in its reason; that of a cancellation is the sender's own text. */
const statusText = (status: FileTransferStatus, reason?: string) => {
  if (reason === undefined) return STATUS_TEXTS[status]
  return status === 'Cancelled' ? reason : publicReason(reason)
}

/** The overview of a file transfer. */
export function overview(transfer: FileTransfer): FileTransferOverview {
  const { status, publishedAt } = transfer
  const file = fileOf(transfer)
  const next = nextReminder(transfer)
  return {
    fileTransferId: transfer.id,
    resourceId: transfer.resourceId,
    fileName: transfer.fileName,
    sendersFileTransferReference: transfer.sendersFileTransferReference,
    checksum: transfer.checksum?.trim() ? transfer.checksum : (file?.md5 ?? transfer.checksum),
    ...(transfer.checksumSha256 !== undefined && { checksumSha256: transfer.checksumSha256 }),
    useVirusScan: transfer.useVirusScan,
    ...(transfer.encryption && { encryption: transfer.encryption }),
    fileTransferSize: file?.sizeBytes ?? 0,
    fileTransferStatus: status,
    fileTransferStatusText: statusText(status, 'reason' in transfer ? transfer.reason : undefined),
    fileTransferStatusChanged: timestamp(transfer.statusChangedAt),
    created: timestamp(transfer.createdAt),
    expirationTime: timestamp(transfer.expirationTime),
    sender: withPrefix(transfer.sender),
    recipients: Object.entries(transfer.recipients).map(([organization, { status, changedAt }]) => ({
      recipient: withPrefix(organization as OrganizationNumber),
      currentRecipientFileTransferStatusCode: status,
      currentRecipientFileTransferStatusText: RECIPIENT_TEXTS[status],
      currentRecipientFileTransferStatusChanged: timestamp(changedAt),
    })),
    propertyList: transfer.propertyList,
    published: publishedAt ? timestamp(publishedAt) : null,
    ...remindersView(plannedReminders(transfer)),
    ...(next && { nextReminder: timestamp(next) }),
    ...placeInGroup(transfer),
  }
}

/** Where the file transfer is in its group, if it has one. */
export const placeInGroup = ({ group }: FileTransfer) =>
  group && { group: { fileTransferGroupId: group.id, fileNumber: group.number, fileCount: group.count } }

/** The overview, and every status that the transfer and its recipients have had, oldest first. */
export const details = (transfer: FileTransfer, facts: Fact[]): FileTransferDetails => ({
  ...overview(transfer),
  fileTransferStatusHistory: facts.flatMap((fact) => {
    const entered = statusAfter(fact)
    if (!entered) return []
    const text = statusText(entered, 'reason' in fact ? fact.reason : undefined)
    return [
      { fileTransferStatus: entered, fileTransferStatusText: text, fileTransferStatusChanged: timestamp(fact.at) },
    ]
  }),
  recipientFileTransferStatusHistory: facts.flatMap((fact) =>
    statusOfRecipients(transfer, fact).map(([organization, status]) => ({
      recipient: withPrefix(organization),
      recipientFileTransferStatusCode: status,
      recipientFileTransferStatusText: RECIPIENT_TEXTS[status],
      recipientFileTransferStatusChanged: timestamp(fact.at),
    })),
  ),
  ...reminderHistory(facts),
  ...expiryHistory(facts),
})

/** The reminders that were sent, oldest first; absent when there are none. */
function reminderHistory(facts: Fact[]): Pick<FileTransferDetails, 'reminderHistory'> {
  const sent = facts.flatMap((fact) =>
    fact.type === 'DownloadReminded'
      ? [{ reminded: timestamp(fact.at), recipients: fact.recipients.map(withPrefix) }]
      : [],
  )
  return sent.length > 0 ? { reminderHistory: sent } : {}
}

/** The changes of the expiry, as a member of its own when there are some. */
function expiryHistory(facts: Fact[]): Pick<FileTransferDetails, 'expiryHistory'> {
  const changes = facts.filter((fact) => fact.type === 'ExpiryChanged')
  if (changes.length === 0) return {}
  return {
    expiryHistory: changes.map(({ previousExpirationTime, expirationTime, at }) => ({
      previousExpirationTime: timestamp(previousExpirationTime),
      expirationTime: timestamp(expirationTime),
      expirationTimeChanged: timestamp(at),
    })),
  }
}

function statusOfRecipients(transfer: FileTransfer, fact: Fact): [OrganizationNumber, RecipientStatus][] {
  if (fact.type === 'Initialized') {
    return recipientsOf(transfer).map((each) => [each, 'Initialized'])
  }
  return fact.type === 'DownloadStarted' || fact.type === 'DownloadConfirmed' ? [[fact.recipient, fact.type]] : []
}

/** The names of organisations. */
export const organizationNames = (found: { organization: OrganizationNumber; name: string | undefined }[]) => ({
  organizations: found.map(({ organization, name }) => ({
    organization: withPrefix(organization),
    name: name ?? null,
  })),
})

/** The delivery log of a file transfer. */
export const eventLog = (fileTransferId: FileTransferId, entries: EventEntry[]): FileTransferEvents => ({
  fileTransferId,
  events: entries.map(({ id, event, last }) => ({
    eventId: id,
    type: `no.altinn.broker.${event.type}`,
    role: event.actor.role,
    organization: withPrefix(event.actor.organization),
    sequence: event.sequence,
    occurred: timestamp(event.at),
    status: last?.status ?? 'Waiting',
    tries: last?.tries ?? 0,
    lastTried: last ? timestamp(last.triedAt) : null,
    lastAnswer: last ? String(last.answer) : null,
    delivered: last?.status === 'Delivered' ? timestamp(last.triedAt) : null,
    nextTry: last?.status === 'Waiting' ? timestamp(last.nextTryAt) : null,
  })),
})

/** A service owner and its storage providers, newest first (spec 8.2); none until both containers exist. */
export const serviceOwnerView = (
  { name, storageReadyAt }: ServiceOwner,
  hostingEnvironment: string,
): ServiceOwnerOverview => ({
  name,
  storageProviders: (storageReadyAt ? STORAGE_PROVIDERS : []).map((type) => ({
    type,
    deploymentStatus: 'Ready',
    deploymentEnvironment: hostingEnvironment,
  })),
})

const STORAGE_PROVIDERS = ['AltinnAzureWithoutVirusScan', 'AltinnAzure'] as const

/** How a resource is configured; durations as the original writes them. */
export const resourceView = (resource: Resource): ResourceConfiguration => ({
  maxFileTransferSize: resource.maxFileTransferSize ?? null,
  fileTransferTimeToLive: durationOrNull(resource.timeToLiveSeconds),
  purgeFileTransferAfterAllRecipientsConfirmed: resource.purgeAfterAllConfirmed,
  purgeFileTransferGracePeriod: durationOrNull(resource.graceSeconds),
  useManifestFileShim: resource.useManifestFileShim ?? null,
  externalServiceCodeLegacy: resource.externalServiceCodeLegacy ?? null,
  externalServiceEditionCodeLegacy: resource.externalServiceEditionCodeLegacy ?? null,
  requiredParty: resource.requiredParty ?? null,
  ...remindersView(resource.reminders ?? []),
  ...(resource.maxTimeToLiveSeconds !== undefined && {
    fileTransferMaxTimeToLive: formatDuration(resource.maxTimeToLiveSeconds),
  }),
})

const remindersView = (reminders: Reminders) => (reminders.length > 0 ? { reminders: reminders.map(isoDuration) } : {})

const durationOrNull = (seconds: number | undefined) => (seconds === undefined ? null : formatDuration(seconds))
