import type { FileTransfer, FileTransferId, FileTransferStatus, RecipientStatus } from '../fileTransfer/state.js'
import type { OrganizationNumber } from '../organizationNumber.js'

/** The actor who finds a row. `partition`: that of the transfer, counted from 0; undefined: the first. */
export type SearchActor = {
  organization: OrganizationNumber
  resourceId: string
  role: 'Sender' | 'Recipient'
  partition?: number
}

/**
 * An entry in one timeline: without a status by creation, with one by when the transfer entered it; a recipient's also
 * by its own status.
 */
export type TimelineEntry = { status?: FileTransferStatus; recipientStatus?: RecipientStatus; at: Date }

/** The entries of one transfer in all timelines of one actor; `sequence` is the number of the fact that set them. */
export type SearchProjection = {
  actor: SearchActor
  fileTransferId: FileTransferId
  sequence: number
  timelines: TimelineEntry[]
}

/** The first or the last time of a search. */
export type TimeBound = { at: Date; isInclusive: boolean }

/**
 * A search among the transfers of a resource, in its first `partitions` (undefined: 1). Times are of creation; with a
 * status, of when it was entered.
 */
export type SearchQuery = {
  organization: OrganizationNumber
  resourceId: string
  partitions?: number
  roles: SearchActor['role'][]
  status?: FileTransferStatus
  recipientStatus?: RecipientStatus
  from?: TimeBound
  to?: TimeBound
  order: 'newest' | 'oldest'
}

/** The parameters of a search. An undefined one does not restrict it. */
export type SearchRequest = {
  resourceId: string
  status?: FileTransferStatus | undefined
  recipientStatus?: RecipientStatus | undefined
  from?: Date | undefined
  to?: Date | undefined
  orderAscending?: boolean | undefined
  role?: SearchActor['role'] | undefined
}

/**
 * The search of a caller (spec 4.4). A recipient status is the caller's own, in whatever role it searches. Two time
 * bounds are inclusive, one alone is exclusive.
 */
export function searchQuery(request: SearchRequest, organization: OrganizationNumber): SearchQuery {
  const { resourceId, status, recipientStatus, from, to, orderAscending, role } = request
  const isInclusive = from !== undefined && to !== undefined
  return {
    organization,
    resourceId,
    roles: recipientStatus ? ['Recipient'] : role ? [role] : ['Sender', 'Recipient'],
    ...(status && { status }),
    ...(recipientStatus && { recipientStatus }),
    ...(from && { from: { at: from, isInclusive } }),
    ...(to && { to: { at: to, isInclusive } }),
    order: orderAscending ? 'oldest' : 'newest',
  }
}

/** The search rows of one actor. */
export const projectionOf = (
  transfer: FileTransfer,
  { role, organization }: SearchActor,
): SearchProjection | undefined =>
  searchProjections(transfer, role === 'Sender' ? [] : [organization]).find(({ actor }) => actor.role === role)

/** The search rows of the sender and of these recipients; without timelines once the transfer has left the searches. */
export function searchProjections(transfer: FileTransfer, recipients: OrganizationNumber[]): SearchProjection[] {
  const { id, resourceId, sequence, createdAt, status, statusChangedAt, statusSequence, searchPartition } = transfer
  const where = { resourceId, ...(searchPartition !== undefined && { partition: searchPartition }) }
  const isUnlisted = transfer.status === 'Purged' && transfer.isUnlisted
  const shared: TimelineEntry[] = isUnlisted ? [] : [{ at: createdAt }, { status, at: statusChangedAt }]
  const ofSender = {
    actor: { organization: transfer.sender, ...where, role: 'Sender' as const },
    fileTransferId: id,
    sequence: statusSequence ?? sequence,
    timelines: shared,
  }
  const ofRecipients = recipients.flatMap((organization) => {
    const own = transfer.recipients[organization]
    if (!own) return []
    return {
      actor: { organization, ...where, role: 'Recipient' as const },
      fileTransferId: id,
      sequence: Math.max(statusSequence ?? sequence, own.statusSequence ?? 0),
      timelines: [...shared, ...shared.map((entry) => ({ ...entry, recipientStatus: own.status }))],
    }
  })
  return [ofSender, ...ofRecipients]
}
