import { authorOf } from '../../domain/author.js'
import { issueUploadLink, linkExpiresAt, linkedAttempt } from '../../domain/fileTransfer/links.js'
import type { AttemptId, FileTransfer, FileTransferId } from '../../domain/fileTransfer/state.js'
import type { DeadlineSettings } from '../../domain/fileTransfer/upload.js'
import { err, ok } from '../../domain/result.js'
import { canActAsSender } from '../access.js'
import { blobLocation } from '../commit/blobLocation.js'
import type { TransferCommits } from '../commit/transferCommits.js'
import type { AccessPolicy, Caller } from '../ports/access.js'
import type { FileBlobs, FileLinks, LinkMinutes } from '../ports/blobs.js'
import type { FileTransferReader } from '../ports/fileTransfers.js'
import type { ResourceStore } from '../ports/resources.js'

type Deps = {
  commits: TransferCommits
  transfers: FileTransferReader
  blobs: FileBlobs
  access: AccessPolicy
  resources: ResourceStore
  deadlines: DeadlineSettings
  links: FileLinks
  linkMinutes: LinkMinutes
  newId: () => string
  now: () => Date
}

/**
 * Gives a sender a link to put the file in the storage itself. As long as there is no file, each further link is for
 * the same blob, so that a long upload can continue; after that it is for a new blob, and the file of the old one is
 * deleted.
 */
export const createUploadLink = (deps: Deps) => async (caller: Caller, id: FileTransferId) => {
  const { commits, transfers, blobs, access, resources, deadlines, links, linkMinutes, newId, now } = deps
  if (linkMinutes.upload === undefined) return err('UploadLinksSwitchedOff')
  const found = await transfers.read(id)
  if (!found) return err('FileTransferNotFound')
  const { transfer } = found
  const [isPermitted, stored, current] = await Promise.all([
    canActAsSender(access, caller, transfer),
    resources.recent(transfer.resourceId),
    linkedUploadOf(blobs, transfer),
  ])
  if (!isPermitted) return err('NoAccessToResource')

  const attempt = { id: current.continued ?? newId(), current: current.attemptId, vendor: caller.vendor }
  const until = linkExpiresAt(transfer, linkMinutes.upload, now())
  if (!until) return err('FileTransferAlreadyUploaded')
  const { url, headers, mayReplace } = await links.toUpload(blobLocation(transfer, attempt.id), until)
  const link = { until, ...(mayReplace && { mayReplace }) }
  const given = await commits.change(
    found,
    (now, at) => {
      const decision = issueUploadLink(now, attempt, link, deadlines, at)
      return decision.ok && !stored ? err('InvalidResourceDefinition') : decision
    },
    authorOf(caller),
  )
  return given.ok ? ok({ url, headers, until }) : given
}

/** The attempt that has links already; it is `continued` as long as there is no file. */
async function linkedUploadOf(
  blobs: FileBlobs,
  transfer: FileTransfer,
): Promise<{ attemptId: AttemptId | undefined; continued?: AttemptId }> {
  const attemptId = linkedAttempt(transfer)?.id
  if (attemptId === undefined) return { attemptId }
  const file = await blobs.find(blobLocation(transfer, attemptId))
  return file ? { attemptId } : { attemptId, continued: attemptId }
}
