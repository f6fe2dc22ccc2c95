import { authorOf } from '../../domain/author.js'
import { linkedAttempt } from '../../domain/fileTransfer/links.js'
import { type FileTransfer, type FileTransferId, fileOf, type StoredFile } from '../../domain/fileTransfer/state.js'
import { abandonUpload, type DeadlineSettings } from '../../domain/fileTransfer/upload.js'
import { maxSizeBytes } from '../../domain/resource.js'
import { err, ok } from '../../domain/result.js'
import { canActAsSender } from '../access.js'
import { blobLocation } from '../commit/blobLocation.js'
import type { TransferCommits } from '../commit/transferCommits.js'
import type { AccessPolicy, Caller } from '../ports/access.js'
import type { FileBlobs } from '../ports/blobs.js'
import type { FileTransferReader } from '../ports/fileTransfers.js'
import type { ResourceStore } from '../ports/resources.js'
import type { Log } from '../ports/telemetry.js'
import { completeOrDiscard } from './completeOrDiscard.js'

type Deps = {
  commits: TransferCommits
  transfers: FileTransferReader
  blobs: FileBlobs
  access: AccessPolicy
  resources: ResourceStore
  deadlines: DeadlineSettings
  log: Log
}

/**
 * Ends an upload by a link: what is stored there now is the file, and is processed like every upload. Idempotent. It
 * works also where links are switched off, for senders who have one.
 */
export const completeLinkedUpload = (deps: Deps) => async (caller: Caller, id: FileTransferId) => {
  const { commits, transfers, blobs, access, resources, log } = deps
  const by = authorOf(caller)
  const found = await transfers.read(id)
  if (!found) return err('FileTransferNotFound')
  const { transfer } = found
  const attempt = linkedAttempt(transfer)
  const location = attempt && blobLocation(transfer, attempt.id)
  const [isPermitted, stored, blob] = await Promise.all([
    canActAsSender(access, caller, transfer),
    resources.recent(transfer.resourceId),
    location && blobs.find(location),
  ])
  if (!isPermitted) return err('NoAccessToResource')
  if (fileOf(transfer)?.link) return ok(id)
  if (transfer.status !== 'Initialized' && transfer.status !== 'UploadStarted')
    return err('FileTransferAlreadyUploaded')
  if (!attempt || !location || !blob) return err('NoFileAtUploadLink')
  if (!stored) return err('InvalidResourceDefinition')

  const { sizeBytes, etag } = blob
  if (sizeBytes > maxSizeBytes(stored.resource, transfer.useVirusScan)) {
    log('upload.tooLarge', { fileTransferId: id, attemptId: attempt.id })
    const abandoned = await commits.change(found, (now, at) => abandonUpload(now, attempt.id, at), by)
    return abandoned.ok ? err('FileSizeTooBig') : abandoned
  }
  const fileIn = (now: FileTransfer): StoredFile => {
    // The last link that was given: it may be a later one than was read.
    const link = linkedAttempt(now)?.link ?? attempt.link
    return { attemptId: attempt.id, sizeBytes, etag, link }
  }
  const completed = await completeOrDiscard(deps, found, location, fileIn, by)
  return completed.ok ? ok(id) : completed
}
