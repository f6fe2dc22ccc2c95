import type { FileTransfer, FileTransferId, FileTransferStatus, RecipientStatus } from '../fileTransfer/state.js'
import type { OrganizationNumber } from '../organizationNumber.js'

/** Whose search a row serves. */
export type SearchActor = { organization: OrganizationNumber; resourceId: string; role: 'Sender' | 'Recipient' }

/** A place in one timeline: of all transfers by creation, or of those in one status by when they entered it; of a recipient also by its own status. */
export type TimelineEntry = { status?: FileTransferStatus; recipientStatus?: RecipientStatus; at: Date }

/** Where one transfer stands, after `sequence` facts, in all the timelines of one actor. */
export type SearchProjection = {
  actor: SearchActor
  fileTransferId: FileTransferId
  sequence: number
  timelines: TimelineEntry[]
}

/** A bound of a search in time; `isInclusive`: the very time counts too. */
export type TimeBound = { at: Date; isInclusive: boolean }

/** What an organisation searches for among the transfers of a resource. With a status, times are those when it was entered; else of creation. */
export type SearchQuery = {
  organization: OrganizationNumber
  resourceId: string
  roles: SearchActor['role'][]
  status?: FileTransferStatus
  recipientStatus?: RecipientStatus
  from?: TimeBound
  to?: TimeBound
  order: 'newest' | 'oldest'
}

/** What a caller may give; what it leaves out does not matter. */
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
 * The search that a caller asks for (spec 4.4): a status of the recipient is the caller's own, whatever role it asks for; two bounds in time are
 * inclusive, one alone is not.
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

/** The rows of the sender and of these recipients; where nobody finds the transfer any more they stand in no timeline. */
export function searchProjections(transfer: FileTransfer, recipients: OrganizationNumber[]): SearchProjection[] {
  const { id, resourceId, sequence, createdAt, status, statusChangedAt } = transfer
  const common = { fileTransferId: id, sequence }
  const isUnlisted = transfer.status === 'Purged' && transfer.isUnlisted
  const any: TimelineEntry[] = isUnlisted ? [] : [{ at: createdAt }, { status, at: statusChangedAt }]
  const ofSender = {
    actor: { organization: transfer.sender, resourceId, role: 'Sender' as const },
    ...common,
    timelines: any,
  }
  const ofRecipients = recipients.flatMap((organization) => {
    const recipientStatus = transfer.recipients[organization]?.status
    if (!recipientStatus) return []
    const timelines = [...any, ...any.map((entry) => ({ ...entry, recipientStatus }))]
    return [{ actor: { organization, resourceId, role: 'Recipient' as const }, ...common, timelines }]
  })
  return [ofSender, ...ofRecipients]
}
