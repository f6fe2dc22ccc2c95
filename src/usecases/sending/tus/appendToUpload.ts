import type { FileTransferId } from '../../../domain/fileTransfer/state.js'
import { resumableAttempt } from '../../../domain/fileTransfer/state.js'
import { isOutage } from '../../../domain/outage.js'
import { err, ok, type Result } from '../../../domain/result.js'
import {
  isComplete,
  isLeased,
  isPart,
  type TusUpload,
  type TusUploadId,
  withLease,
} from '../../../domain/tus/upload.js'
import { blobLocation } from '../../commit/blobLocation.js'
import type { Snapshot } from '../../ports/fileTransfers.js'
import type { Append, ReadUpload, TusCaller, TusRefusal } from '../../ports/tus.js'
import { type AppendBytesDeps, type Appended, appendBytes } from './appendBytes.js'
import { type FinishDeps, tryFinish } from './finishUpload.js'
import { type OpenUploadDeps, openUpload, uploaderOf } from './tusAccess.js'

type Deps = OpenUploadDeps & FinishDeps & AppendBytesDeps

/**
 * Stores bytes of an upload. They are durable when the answer is ok; else HEAD says how many are. The last byte of the
 * whole file finishes the upload.
 */
export const appendToUpload =
  (deps: Deps) =>
  async (
    caller: TusCaller,
    id: FileTransferId,
    uploadId: TusUploadId,
    append: Append,
  ): Promise<Result<TusUpload, TusRefusal>> => {
    const opened = await openUpload(deps, caller, id, uploadId)
    if (!opened.ok) return opened
    const { transfer, read, version } = opened.value
    const { upload } = read
    if (upload.parts) return err('UploadIsFinal')
    // The answer to the last bytes may have been lost: a client that sends them again is answered that they are stored.
    if (isComplete(upload) && append.offset >= upload.lengthBytes && upload.lengthBytes > 0) {
      await finished(deps, { transfer, version }, upload)
      return ok(upload)
    }
    if (resumableAttempt(transfer)?.id !== upload.attemptId) {
      return err(transfer.status === 'UploadStarted' ? 'UploadNotFound' : 'FileTransferAlreadyUploaded')
    }
    const refused = refusalOf(upload, append, deps.now())
    if (refused) return err(refused)

    const taken = { ...withLease(upload, deps.now()), uploader: uploaderOf(caller) }
    const lease = await deps.tusUploads.save(id, taken, read.version)
    if (lease === 'conflict') return err('UploadLocked')
    const mine: ReadUpload = { upload: taken, version: lease }
    const appended = await appendBytes(deps, blobLocation(transfer, upload.attemptId), mine, append).catch(
      (error: unknown): Appended => ({ outcome: 'failed', error }),
    )
    return answerTo(deps, { transfer, version }, appended)
  }

function refusalOf(upload: TusUpload, { offset, declaredBytes = 0 }: Append, at: Date): TusRefusal | undefined {
  if (isLeased(upload, at)) return 'UploadLocked'
  if (offset !== upload.offset) return 'OffsetMismatch'
  return declaredBytes > upload.lengthBytes - offset ? 'TooManyBytes' : undefined
}

async function answerTo(deps: Deps, found: Snapshot, appended: Appended): Promise<Result<TusUpload, TusRefusal>> {
  switch (appended.outcome) {
    case 'end':
      await finished(deps, found, appended.upload)
      return ok(appended.upload)
    case 'interrupted': // the client may have disconnected
      await finished(deps, found, appended.upload)
      return err('UploadFailed')
    case 'tooMuch':
      return err('TooManyBytes')
    case 'damaged':
      return err('BytesDamaged')
    case 'lost':
      return err('UploadLocked')
    case 'failed':
      deps.log('upload.bytesNotStored', {
        fileTransferId: found.transfer.id,
        error: String(appended.error),
      })
      if (isOutage(appended.error)) throw appended.error
      return err('UploadFailed')
  }
}

const finished = async (deps: Deps, found: Snapshot, upload: TusUpload): Promise<void> => {
  if (!isComplete(upload) || isPart(upload) || resumableAttempt(found.transfer)?.id !== upload.attemptId) return
  await tryFinish(deps, found, upload)
}
