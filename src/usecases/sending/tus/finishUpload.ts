import { author } from '../../../domain/fileTransfer/author.js'
import { matchesChecksum } from '../../../domain/fileTransfer/checksum.js'
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
import { change } from '../../commit/change.js'
import type { Snapshot } from '../../ports/fileTransfers.js'
import type { FinishUploadMessage } from '../../ports/messages.js'
import type { ReadUpload } from '../../ports/tus.js'
import { orThrow } from '../../processing/processUpload.js'
import { completeOrDiscard } from '../completeOrDiscard.js'
import type { TusDeps } from './deps.js'

/** Who is left with a complete upload that nobody finishes, because a process has died, finishes it so long after. */
const FINISHED_BY_MS = 30_000

type FinishDeps = Omit<TusDeps, 'access' | 'resources' | 'hashing' | 'wholePatchBytes'>

/** Sees to it that a complete upload is finished whatever becomes of this process. Before the last byte of it is recorded. */
export async function scheduleFinish(
  deps: Pick<FinishDeps, 'now' | 'messages' | 'log'>,
  fileTransferId: FileTransferId,
  attemptId: AttemptId,
): Promise<void> {
  const at = new Date(deps.now().getTime() + FINISHED_BY_MS)
  await deps.messages.finishUpload({ fileTransferId, attemptId }, at).catch((error: unknown) =>
    // The deadline for idle uploads finishes it as well, and so does each HEAD.
    deps.log('upload.finishNotScheduled', { fileTransferId, error: String(error) }),
  )
}

/** Finishes an upload that may be complete. Nothing, when there is none. Throws to be called again. */
export const finishUpload =
  (deps: FinishDeps) =>
  async ({ fileTransferId, attemptId }: FinishUploadMessage): Promise<void> => {
    const found = await deps.transfers.read(fileTransferId)
    if (!found || resumableAttempt(found.transfer)?.id !== attemptId) return
    const whole = await deps.tusUploads.read(fileTransferId, WHOLE)
    if (whole?.upload.attemptId === attemptId && isComplete(whole.upload)) await finish(deps, found, whole.upload)
  }

/** Finishes an upload that is complete; else tells for how long it is waited for, by its last byte. Undefined: there is none. */
export async function finishIfComplete(deps: FinishDeps, fileTransferId: FileTransferId): Promise<Date | undefined> {
  const [first, ...others] = (await deps.tusUploads.ofFileTransfer(fileTransferId)).map(({ upload }) => upload)
  if (!first) return undefined
  await finishUpload(deps)({ fileTransferId, attemptId: first.attemptId })
  const ends = [first, ...others].map((upload) => expiresAt(upload, deps.deadlines.uploadIdle).getTime())
  return new Date(Math.max(...ends))
}

/** Finishes a complete upload now; if that fails, whoever was asked to does it. */
export const tryFinish = (deps: FinishDeps, found: Snapshot, whole: TusUpload): Promise<void> =>
  finish(deps, found, whole).catch((error: unknown) =>
    deps.log('upload.finishDeferred', {
      fileTransferId: found.transfer.id,
      error: String(error),
    }),
  )

/** Makes the file of its blocks and records that it is there. Done twice it is done once. @throws to be called again. */
async function finish(deps: FinishDeps, found: Snapshot, whole: TusUpload): Promise<void> {
  const { transfer } = found
  const { attemptId, lengthBytes: sizeBytes, md5 } = whole
  const by = author(whole.uploader)
  if (md5 !== undefined && !matchesChecksum(transfer, md5)) {
    const fail = (now: FileTransfer, at: Date) => {
      const failed = failUpload(now, attemptId, failureReasons.checksumMismatch, at)
      return failed.ok ? failed : ok([]) // it has ended otherwise
    }
    await orThrow(change(deps, found, fail, by))
    return
  }

  const parts = whole.parts ? await deps.tusUploads.ofFileTransfer(transfer.id) : []
  const place = blobLocation(transfer, attemptId)
  const etag = await deps.blocks.commit(place, idsOf(whole, parts), { sizeBytes, md5 })
  const file: StoredFile = { attemptId, sizeBytes, ...(md5 !== undefined && { md5 }), etag, isResumable: true }
  const completed = await completeOrDiscard(deps, found, place, () => file, by)
  if (!completed.ok) {
    if (completed.reason === 'FileTransferBusy') throw new Error(`Refused: ${completed.reason}`)
    return
  }
  deps.inBackground(
    removeParts(deps, transfer, attemptId).catch((error: unknown) =>
      // The night's sweep finds tails; rows go with their transfer.
      deps.log('upload.partsNotRemoved', { fileTransferId: transfer.id, error: String(error) }),
    ),
  )
}

/** The file is there: what was written on the way is of no use any more. */
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
