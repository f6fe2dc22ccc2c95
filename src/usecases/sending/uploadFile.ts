import { type Author, authorOf } from '../../domain/author.js'
import { matchesChecksum } from '../../domain/fileTransfer/checksum.js'
import { failureReasons } from '../../domain/fileTransfer/failure.js'
import type { AttemptId, FileTransferId } from '../../domain/fileTransfer/state.js'
import { abandonUpload, type DeadlineSettings, failUpload, startUpload } from '../../domain/fileTransfer/upload.js'
import { isOutage } from '../../domain/outage.js'
import { maxSizeBytes } from '../../domain/resource.js'
import { err, ok } from '../../domain/result.js'
import { canActAsSender } from '../access.js'
import { blobLocation } from '../commit/blobLocation.js'
import type { TransferCommits } from '../commit/transferCommits.js'
import type { AccessPolicy, Caller } from '../ports/access.js'
import type { BlobLocation, FileBlobs, WriteOutcome } from '../ports/blobs.js'
import type { Snapshot } from '../ports/fileTransfers.js'
import type { ResourceStore } from '../ports/resources.js'
import type { Log } from '../ports/telemetry.js'
import { completeOrDiscard } from './completeOrDiscard.js'

type Deps = {
  commits: TransferCommits
  blobs: FileBlobs
  access: AccessPolicy
  resources: ResourceStore
  deadlines: DeadlineSettings
  newId: () => string
  log: Log
}

/** The bytes of an upload as they arrive, and how many there will be, if the sender has declared it. */
export type Upload = { body: AsyncIterable<Uint8Array>; declaredBytes: number | undefined }

/** A sender uploads the file. It is stored when the answer is ok; an upload that broke off may be retried. */
export const uploadFile =
  (deps: Deps) =>
  async (caller: Caller, id: FileTransferId, { body, declaredBytes }: Upload) => {
    const { commits, blobs, access, resources, newId, deadlines, log } = deps
    const found = await commits.readRecent(id)
    if (!found) return err('FileTransferNotFound')
    const { transfer } = found
    const [isPermitted, stored] = await Promise.all([
      canActAsSender(access, caller, transfer),
      resources.recent(transfer.resourceId),
    ])
    if (!isPermitted) return err('NoAccessToResource')

    const attempt = { id: newId(), vendor: caller.vendor }
    const maxBytes = stored ? maxSizeBytes(stored.resource, transfer.useVirusScan) : 0
    const started = await commits.begin(
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

    const location = blobLocation(transfer, attempt.id)
    const written = await blobs
      .write(location, body, {
        maxBytes,
        expectedBytes: declaredBytes,
        accept: (digests) => matchesChecksum(transfer, digests),
      })
      .catch((error: unknown) => {
        log('upload.notStored', { fileTransferId: id, error: String(error) })
        return { outcome: 'failed' as const, error }
      })
    return endUpload(deps, started.value.snapshot, location, written, authorOf(caller))
  }

type Failed = { outcome: 'failed'; error: unknown }

/** Records the outcome of the upload. It never depends on the request, whose client may have disconnected. */
async function endUpload(
  deps: Deps,
  begun: Snapshot,
  location: BlobLocation,
  written: WriteOutcome | Failed,
  by: Author,
) {
  const { commits, log } = deps
  const { attemptId, fileTransferId } = location
  switch (written.outcome) {
    case 'stored': {
      const { sizeBytes, md5, sha256, etag } = written
      const file = { attemptId, sizeBytes, md5, sha256, etag }
      const completed = await completeOrDiscard(deps, begun, location, () => file, by)
      return completed.ok ? ok(fileTransferId) : completed
    }
    case 'refused': {
      const refused = await commits.change(
        begun,
        (now, at) => failUpload(now, attemptId, failureReasons.checksumMismatch, at),
        by,
      )
      return refused.ok ? err('ChecksumMismatch') : refused
    }
    case 'tooLarge':
      log('upload.tooLarge', { fileTransferId, attemptId })
      await abandon(deps, begun, attemptId, by)
      return err('FileSizeTooBig')
    case 'interrupted':
      log('upload.interrupted', { fileTransferId, attemptId })
      await abandon(deps, begun, attemptId, by)
      return err('UploadFailed')
    case 'failed': // logged by uploadFile
      await abandon(deps, begun, attemptId, by)
      if (isOutage(written.error)) throw written.error
      return err('UploadFailed')
  }
}

/** Abandons the attempt and deletes its blob. If that fails too, the deadline for idle uploads does it. */
const abandon = ({ commits, log }: Deps, begun: Snapshot, attemptId: AttemptId, by: Author) =>
  commits
    .change(begun, (now, at) => abandonUpload(now, attemptId, at), by)
    .catch((error: unknown) => log('upload.notAbandoned', { fileTransferId: begun.transfer.id, error: String(error) }))
