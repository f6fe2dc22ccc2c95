import { authorOf } from '../../domain/fileTransfer/author.js'
import { linkedAttempt } from '../../domain/fileTransfer/links.js'
import { type FileTransfer, type FileTransferId, fileOf, type StoredFile } from '../../domain/fileTransfer/state.js'
import { abandonUpload, type DeadlineSettings } from '../../domain/fileTransfer/upload.js'
import { maxSizeBytes } from '../../domain/resource.js'
import { err, ok } from '../../domain/result.js'
import { canActAsSender } from '../access.js'
import { blobLocation } from '../commit/blobLocation.js'
import { type ChangePorts, change } from '../commit/change.js'
import type { AccessPolicy, Caller } from '../ports/access.js'
import type { ResourceStore } from '../ports/resources.js'
import { completeOrDiscard } from './completeOrDiscard.js'

type Deps = ChangePorts & { access: AccessPolicy; resources: ResourceStore; deadlines: DeadlineSettings }

/**
 * Ends an upload by a link: what is stored there now is the file, and goes the way of every upload. Said again, it is answered the same. It works
 * where no links are given any more, for those who have one.
 */
export const completeLinkedUpload = (deps: Deps) => async (caller: Caller, id: FileTransferId) => {
  const { access, resources, transfers, blobs } = deps
  const by = authorOf(caller)
  const found = await transfers.read(id)
  if (!found) return err('FileTransferNotFound')
  const { transfer } = found
  const attempt = linkedAttempt(transfer)
  const place = attempt && blobLocation(transfer, attempt.id)
  const [isPermitted, stored, blob] = await Promise.all([
    canActAsSender(access, caller, transfer),
    resources.read(transfer.resourceId),
    place && blobs.find(place),
  ])
  if (!isPermitted) return err('NoAccessToResource')
  if (fileOf(transfer)?.link) return ok(id)
  if (transfer.status !== 'Initialized' && transfer.status !== 'UploadStarted')
    return err('FileTransferAlreadyUploaded')
  if (!attempt || !place || !blob) return err('NoFileAtUploadLink')
  if (!stored) return err('InvalidResourceDefinition')

  const { sizeBytes, etag } = blob
  if (sizeBytes > maxSizeBytes(stored.resource, transfer.useVirusScan)) {
    deps.log('upload.tooLarge', { fileTransferId: id, attemptId: attempt.id })
    const abandoned = await change(deps, found, (now, at) => abandonUpload(now, attempt.id, at), by)
    return abandoned.ok ? err('FileSizeTooBig') : abandoned
  }
  const fileIn = (now: FileTransfer): StoredFile => {
    // The link as it is by then: another may have been given meanwhile.
    const link = linkedAttempt(now)?.link ?? attempt.link
    return { attemptId: attempt.id, sizeBytes, etag, link }
  }
  const completed = await completeOrDiscard(deps, found, place, fileIn, by)
  return completed.ok ? ok(id) : completed
}
