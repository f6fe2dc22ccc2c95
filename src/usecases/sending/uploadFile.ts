import { type Author, authorOf } from '../../domain/fileTransfer/author.js'
import { matchesChecksum } from '../../domain/fileTransfer/checksum.js'
import { failureReasons } from '../../domain/fileTransfer/failure.js'
import type { AttemptId, FileTransferId } from '../../domain/fileTransfer/state.js'
import { abandonUpload, type DeadlineSettings, failUpload, startUpload } from '../../domain/fileTransfer/upload.js'
import { isOutage } from '../../domain/outage.js'
import { maxSizeBytes } from '../../domain/resource.js'
import { err, ok } from '../../domain/result.js'
import { canActAsSender } from '../access.js'
import { blobLocation } from '../commit/blobLocation.js'
import { type ChangePorts, change } from '../commit/change.js'
import type { AccessPolicy, Caller } from '../ports/access.js'
import type { BlobLocation, WriteOutcome } from '../ports/blobs.js'
import type { Snapshot } from '../ports/fileTransfers.js'
import type { ResourceStore } from '../ports/resources.js'
import { completeOrDiscard } from './completeOrDiscard.js'

type Deps = ChangePorts & { access: AccessPolicy; resources: ResourceStore; deadlines: DeadlineSettings }

/** The bytes of an upload as they come, and how many there will be, if the sender has said so. */
export type Upload = { body: AsyncIterable<Uint8Array>; declaredBytes: number | undefined }

/** A sender uploads the file. When the answer is good it is stored; a broken upload may be tried again. */
export const uploadFile =
  (deps: Deps) =>
  async (caller: Caller, id: FileTransferId, { body, declaredBytes }: Upload) => {
    const { access, resources, transfers, newId, deadlines } = deps
    const found = await transfers.read(id)
    if (!found) return err('FileTransferNotFound')
    const { transfer } = found
    const [isPermitted, stored] = await Promise.all([
      canActAsSender(access, caller, transfer),
      resources.read(transfer.resourceId),
    ])
    if (!isPermitted) return err('NoAccessToResource')

    const attempt = { id: newId(), vendor: caller.vendor }
    const maxBytes = stored ? maxSizeBytes(stored.resource, transfer.useVirusScan) : 0
    const started = await change(
      deps,
      found,
      (now, at) => {
        const decision = startUpload(now, attempt, deadlines, at)
        if (!decision.ok) return decision
        if (!stored) return err('InvalidResourceDefinition')
        return declaredBytes !== undefined && declaredBytes > maxBytes ? err('FileSizeTooBig') : decision
      },
      authorOf(caller),
    )
    if (!started.ok) return started

    const place = blobLocation(transfer, attempt.id)
    const written = await deps.blobs
      .write(place, body, { maxBytes, expectedBytes: declaredBytes, accept: (md5) => matchesChecksum(transfer, md5) })
      .catch((error: unknown) => {
        deps.log('upload.notStored', { fileTransferId: id, error: String(error) })
        return { outcome: 'failed' as const, error }
      })
    return endUpload(deps, started.value.snapshot, place, written, authorOf(caller))
  }

type Failed = { outcome: 'failed'; error: unknown }

/** Records what became of the bytes. It never depends on the request, whose client may be gone. */
async function endUpload(deps: Deps, begun: Snapshot, place: BlobLocation, written: WriteOutcome | Failed, by: Author) {
  const { attemptId, fileTransferId } = place
  switch (written.outcome) {
    case 'stored': {
      const { sizeBytes, md5, etag } = written
      const file = { attemptId, sizeBytes, md5, etag }
      const completed = await completeOrDiscard(deps, begun, place, () => file, by)
      return completed.ok ? ok(fileTransferId) : completed
    }
    case 'refused': {
      const refused = await change(
        deps,
        begun,
        (now, at) => failUpload(now, attemptId, failureReasons.checksumMismatch, at),
        by,
      )
      return refused.ok ? err('ChecksumMismatch') : refused
    }
    case 'tooLarge':
      deps.log('upload.tooLarge', { fileTransferId, attemptId })
      await abandon(deps, begun, attemptId, by)
      return err('FileSizeTooBig')
    case 'interrupted':
      deps.log('upload.interrupted', { fileTransferId, attemptId })
      await abandon(deps, begun, attemptId, by)
      return err('UploadFailed')
    case 'failed': // told where it failed
      await abandon(deps, begun, attemptId, by)
      if (isOutage(written.error)) throw written.error
      return err('UploadFailed')
  }
}

/** Gives the attempt up, its blob with it. If that fails too, the deadline for idle uploads does it. */
const abandon = (deps: Deps, begun: Snapshot, attemptId: AttemptId, by: Author) =>
  change(deps, begun, (now, at) => abandonUpload(now, attemptId, at), by).catch((error: unknown) =>
    deps.log('upload.notAbandoned', { fileTransferId: begun.transfer.id, error: String(error) }),
  )
