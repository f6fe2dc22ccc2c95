import { type Fact, type FileTransfer, type FileTransferId, recipientsOf } from '../fileTransfer/state.js'
import type { OrganizationNumber } from '../organizationNumber.js'

/** The events that Broker publishes, lower case as on the wire. */
export const EVENT_TYPES = [
  'filetransferinitialized',
  'uploadprocessing',
  'published',
  'uploadfailed',
  'downloadconfirmed',
  'allconfirmeddownloaded',
  'filepurged',
  'fileneverconfirmeddownloaded',
  'downloadreminder',
  'cancelled',
  'expirychanged',
] as const
export type EventType = (typeof EVENT_TYPES)[number]

/** An organisation in a role. */
export type Actor = { organization: OrganizationNumber; role: 'Sender' | 'Recipient' }

/** An event to publish to one actor. */
export type EventToPublish = {
  type: EventType
  actor: Actor
  fileTransferId: FileTransferId
  resourceId: string
  sequence: number
  at: Date
}

/**
 * The events of a fact (processing 11.1). `transfer` is the state after the fact or later: both give the same events.
 */
export function eventsToPublish(transfer: FileTransfer, fact: Fact, sequence: number): EventToPublish[] {
  const toActor = (type: EventType, role: Actor['role'], organization: OrganizationNumber): EventToPublish => ({
    type,
    actor: { organization, role },
    fileTransferId: transfer.id,
    resourceId: transfer.resourceId,
    sequence,
    at: fact.at,
  })
  const toSender = (type: EventType) => toActor(type, 'Sender', transfer.sender)
  const recipients = recipientsOf(transfer)
  switch (fact.type) {
    case 'Initialized':
      return [toSender('filetransferinitialized')]
    case 'UploadCompleted':
      return [toSender('uploadprocessing')]
    case 'UploadFailed':
      return [toSender('uploadfailed')]
    case 'Published':
      return [toSender('published'), ...recipients.map((each) => toActor('published', 'Recipient', each))]
    case 'FileWithdrawn':
      return [toSender('uploadfailed'), ...recipients.map((each) => toActor('uploadfailed', 'Recipient', each))]
    case 'DownloadConfirmed':
      return [toActor('downloadconfirmed', 'Recipient', fact.recipient), toSender('downloadconfirmed')]
    case 'DownloadReminded':
      return fact.recipients.map((each) => toActor('downloadreminder', 'Recipient', each))
    case 'AllConfirmedDownloaded':
      return [toSender('allconfirmeddownloaded')]
    case 'Purged': {
      const type = 'fileneverconfirmeddownloaded'
      const isConfirmed = (each: OrganizationNumber) => transfer.recipients[each]?.status === 'DownloadConfirmed'
      // A withdrawn file cannot be confirmed, and its actors have been notified.
      const couldConfirm = transfer.publishedAt && !transfer.withdrawnAt
      const unconfirmed = couldConfirm ? recipients.filter((each) => !isConfirmed(each)) : []
      const reminders = unconfirmed.map((each) => toActor(type, 'Recipient', each))
      return [toSender('filepurged'), ...reminders, ...(reminders.length > 0 ? [toSender(type)] : [])]
    }
    case 'ExpiryChanged': {
      // A recipient that confirmed later had not confirmed then.
      const hadConfirmed = (each: OrganizationNumber) => {
        const { status, statusSequence = 0 } = transfer.recipients[each] ?? {}
        return status === 'DownloadConfirmed' && statusSequence < sequence
      }
      return recipients.filter((each) => !hadConfirmed(each)).map((each) => toActor('expirychanged', 'Recipient', each))
    }
    case 'Cancelled': {
      if (!transfer.publishedAt) return []
      // Nobody begins to download after it, so that this status stays.
      const without = recipients.filter((each) => transfer.recipients[each]?.status === 'Initialized')
      return [toSender('cancelled'), ...without.map((each) => toActor('cancelled', 'Recipient', each))]
    }
    case 'UploadStarted':
    case 'UploadContinued':
    case 'UploadLinkGiven':
    case 'UploadAbandoned':
    case 'ScanVerdictRecorded':
    case 'UploadChecked':
    case 'DownloadStarted':
    case 'Unlisted':
      return []
  }
}

/** The identity of an event: the same fact for the same actor in the same role is the same event. */
export const eventName = ({ fileTransferId, sequence, type, actor }: EventToPublish): string =>
  [fileTransferId, sequence, type, actor.organization, actor.role].join('/')

/** A CloudEvent 1.0 in JSON, as Altinn Events requires it. */
export type CloudEvent = {
  specversion: '1.0'
  id: string
  type: `no.altinn.broker.${EventType}`
  time: string
  resource: string
  resourceinstance: string
  source: string
  subject: string
  alternativesubject?: string
  data: { Role: Actor['role'] }
}

/** The subject of an event: the actor's party id as in Altinn's guide, or its URN as in the original since 2025. */
export type Subject = { form: 'party'; partyId: string } | { form: 'urn' }

/** The event on the wire. `platformUrl` ends in a slash. */
export function cloudEvent(event: EventToPublish, id: string, subject: Subject, platformUrl: string): CloudEvent {
  const { organization, role } = event.actor
  const common = {
    specversion: '1.0',
    id,
    type: `no.altinn.broker.${event.type}`,
    time: event.at.toISOString(),
    resource: `urn:altinn:resource:${event.resourceId}`,
    resourceinstance: event.fileTransferId,
    data: { Role: role },
  } as const
  if (subject.form === 'urn') {
    const source = `${platformUrl}broker/api/v1/filetransfer`
    return { ...common, source, subject: `urn:altinn:organization:identifier-no:${organization}` }
  }
  const source = `${platformUrl}broker/api/v1/file`
  const alternativesubject = `/organisation/${organization}`
  return { ...common, source, subject: `/party/${subject.partyId}`, alternativesubject }
}
