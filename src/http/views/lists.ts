import {
  type FileTransfer,
  type FileTransferGroup,
  fileOf,
  type RecipientStatus,
  recipientsOf,
} from '../../domain/fileTransfer/state.js'
import { withPrefix } from '../../domain/organizationNumber.js'
import type { Actor } from '../../domain/projections/altinnEvents.js'
import type { FileTransferGroupOverview } from '../contract/responses/groupResponses.js'
import type { FileTransferList, FileTransferSummary } from '../contract/responses/responses.js'
import { placeInGroup, timestamp } from './views.js'

const NAMED_RECIPIENTS = 3

/** A page of a list, for a recipient or for the sender. */
export const fileTransferList = (transfers: FileTransfer[], viewer: Actor): FileTransferList => ({
  fileTransfers: transfers.map((transfer) => summary(transfer, viewer)),
})

/** A group with its file transfers, for a recipient or for the sender. */
export const fileTransferGroup = (
  { id, count, members }: FileTransferGroup,
  viewer: Actor,
): FileTransferGroupOverview => ({
  fileTransferGroupId: id,
  resourceId: members[0].resourceId,
  sendersFileTransferReference: members[0].sendersFileTransferReference,
  sender: withPrefix(members[0].sender),
  fileCount: count,
  fileTransfers: members.map((transfer) => summary(transfer, viewer)),
})

function summary(transfer: FileTransfer, { organization, role }: Actor): FileTransferSummary {
  const statuses = Object.values(transfer.recipients).map(({ status }) => status)
  const count = (status: RecipientStatus) => statuses.filter((each) => each === status).length
  return {
    fileTransferId: transfer.id,
    resourceId: transfer.resourceId,
    fileName: transfer.fileName,
    sendersFileTransferReference: transfer.sendersFileTransferReference,
    sender: withPrefix(transfer.sender),
    fileTransferSize: fileOf(transfer)?.sizeBytes ?? 0,
    fileTransferStatus: transfer.status,
    created: timestamp(transfer.createdAt),
    expirationTime: timestamp(transfer.expirationTime),
    recipients: {
      total: statuses.length,
      downloading: count('DownloadStarted'),
      confirmed: count('DownloadConfirmed'),
      first: recipientsOf(transfer).slice(0, NAMED_RECIPIENTS).map(withPrefix),
    },
    ...(role === 'Recipient' && { recipientStatus: transfer.recipients[organization]?.status }),
    ...placeInGroup(transfer),
  }
}
