import type { FileTransfer, FileTransferId, FileTransferStatus, RecipientStatus } from './fileTransfer.js'
import type { OrganizationNumber } from './organizationNumber.js'

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

/** The rows of the sender and of these recipients. */
export function searchProjections(transfer: FileTransfer, recipients: OrganizationNumber[]): SearchProjection[] {
  const { id, resourceId, sequence, createdAt, status, statusChangedAt } = transfer
  const common = { fileTransferId: id, sequence }
  const any: TimelineEntry[] = [{ at: createdAt }, { status, at: statusChangedAt }]
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
