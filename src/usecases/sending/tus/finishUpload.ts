import { author } from '../../../domain/author.js'
import { digestsIn, matchesChecksum } from '../../../domain/fileTransfer/checksum.js'
import { failureReasons } from '../../../domain/fileTransfer/failure.js'
import {
  type AttemptId,
  type FileTransfer,
  type FileTransferId,
  resumableAttempt,
  type StoredFile,
} from '../../../domain/fileTransfer/state.js'
import { failUpload } from '../../../domain/fileTransfer/upload.js'
import { ok } from '../../../domain/result.js'
import {
  blockIds,
  expiresAt,
  isComplete,
  isPart,
  partsInOrder,
  type TusUpload,
  WHOLE,
} from '../../../domain/tus/upload.js'
import { settleAll } from '../../../lib/settleAll.js'
import { blobLocation } from '../../commit/blobLocation.js'
import { orThrow } from '../../commit/orThrow.js'
import type { FileTransferReader, Snapshot } from '../../ports/fileTransfers.js'
import type { FinishUploadMessage, Messages } from '../../ports/messages.js'
import type { Log } from '../../ports/telemetry.js'
import type { BlockStore, ReadUpload, TusUploads } from '../../ports/tus.js'
import { type CompleteDeps, completeOrDiscard } from '../completeOrDiscard.js'

/** A complete upload whose process has died before it was finished is finished this long after its last byte. */
const FINISH_AFTER_MS = 30_000

export type ScheduleDeps = { messages: Messages; now: () => Date; log: Log }

export type FinishDeps = CompleteDeps & {
  transfers: FileTransferReader
  tusUploads: TusUploads
  blocks: BlockStore
  log: Log
  inBackground: (work: Promise<unknown>) => void
}

/**
 * Sends a deferred message that finishes the upload if this process dies. To be called before the last byte is
 * recorded.
 */
export async function scheduleFinish(
  deps: ScheduleDeps,
  fileTransferId: FileTransferId,
  attemptId: AttemptId,
): Promise<void> {
  const at = new Date(deps.now().getTime() + FINISH_AFTER_MS)
  await deps.messages.finishUpload({ fileTransferId, attemptId }, at).catch((error: unknown) =>
    // The deadline for idle uploads finishes it too, and so does each HEAD.
    deps.log('upload.finishNotScheduled', { fileTransferId, error: String(error) }),
  )
}

/** Finishes the upload if it is complete. Throws to have the message redelivered. */
export const finishUpload =
  (deps: FinishDeps) =>
  async ({ fileTransferId, attemptId }: FinishUploadMessage): Promise<void> => {
    const found = await deps.transfers.read(fileTransferId)
    if (!found || resumableAttempt(found.transfer)?.id !== attemptId) return
    const whole = await deps.tusUploads.read(fileTransferId, WHOLE)
    if (whole?.upload.attemptId === attemptId && isComplete(whole.upload)) await finish(deps, found, whole.upload)
  }

/**
 * Finishes the upload if it is complete. Returns when the last of its parts expires; undefined when there is no upload.
 */
export async function finishIfComplete(deps: FinishDeps, fileTransferId: FileTransferId): Promise<Date | undefined> {
  const [first, ...others] = (await deps.tusUploads.ofFileTransfer(fileTransferId)).map(({ upload }) => upload)
  if (!first) return undefined
  await finishUpload(deps)({ fileTransferId, attemptId: first.attemptId })
  const ends = [first, ...others].map((upload) => expiresAt(upload, deps.deadlines.uploadIdle).getTime())
  return new Date(Math.max(...ends))
}

/** Finishes a complete upload now; if that fails, the message of `scheduleFinish` does. */
export const tryFinish = (deps: FinishDeps, found: Snapshot, whole: TusUpload): Promise<void> =>
  finish(deps, found, whole).catch((error: unknown) =>
    deps.log('upload.finishDeferred', {
      fileTransferId: found.transfer.id,
      error: String(error),
    }),
  )

/** Commits the blocks as the file, and records that it is stored. Idempotent, and throws when it must be repeated. */
async function finish(deps: FinishDeps, found: Snapshot, whole: TusUpload): Promise<void> {
  const { transfer } = found
  const { attemptId, lengthBytes: sizeBytes, md5 } = whole
  const by = author(whole.uploader)
  if (!matchesChecksum(transfer, digestsIn(whole))) {
    const fail = (now: FileTransfer, at: Date) => {
      const failed = failUpload(now, attemptId, failureReasons.checksumMismatch, at)
      return failed.ok ? failed : ok([]) // another change has ended the attempt
    }
    await orThrow(deps.commits.change(found, fail, by))
    return
  }

  const parts = whole.parts ? await deps.tusUploads.ofFileTransfer(transfer.id) : []
  const location = blobLocation(transfer, attemptId)
  const etag = await deps.blocks.commit(location, idsOf(whole, parts), { sizeBytes, md5 })
  const file: StoredFile = { attemptId, sizeBytes, ...digestsIn(whole), etag, isResumable: true }
  const completed = await completeOrDiscard(deps, found, location, () => file, by)
  if (!completed.ok) {
    if (completed.reason === 'FileTransferBusy') throw new Error(`Refused: ${completed.reason}`)
    return
  }
  deps.inBackground(
    removeParts(deps, transfer, attemptId).catch((error: unknown) =>
      // sweepOrphans finds the tails; the rows are removed with their transfer.
      deps.log('upload.partsNotRemoved', { fileTransferId: transfer.id, error: String(error) }),
    ),
  )
}

/** The file is stored: removes the tails, and the rows of the parts. */
async function removeParts(deps: FinishDeps, transfer: FileTransfer, attemptId: AttemptId) {
  const uploads = await deps.tusUploads.ofFileTransfer(transfer.id)
  const own = uploads.filter(isOfThis(attemptId))
  await settleAll([
    deps.blocks.discard(blobLocation(transfer, attemptId)),
    ...own.map(({ upload, version }) => deps.tusUploads.remove(transfer.id, upload.id, version)),
  ])
}

const isOfThis =
  (attemptId: AttemptId) =>
  ({ upload }: ReadUpload) =>
    isPart(upload) && upload.attemptId === attemptId

function idsOf(whole: TusUpload, uploads: ReadUpload[]): string[] {
  if (!whole.parts) return blockIds(whole)
  const parts = partsInOrder(
    uploads.map(({ upload }) => upload),
    whole.parts,
  )
  if (typeof parts === 'string') throw new Error(`The parts of an upload cannot be joined: ${parts}`)
  return parts.flatMap(blockIds)
}
