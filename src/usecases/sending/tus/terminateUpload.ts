import { authorOf } from '../../../domain/fileTransfer/author.js'
import { type FileTransferId, resumableAttempt } from '../../../domain/fileTransfer/state.js'
import { abandonUpload } from '../../../domain/fileTransfer/upload.js'
import { err, ok, type Result } from '../../../domain/result.js'
import { isComplete, isLeased, isPart, type TusUploadId } from '../../../domain/tus/upload.js'
import { blobLocation } from '../../commit/blobLocation.js'
import { change } from '../../commit/change.js'
import type { TusCaller, TusRefusal } from '../../ports/tus.js'
import { openTransfer } from './createTusUpload.js'
import type { TusDeps } from './deps.js'

/** Ends an upload and forgets what it has brought. The transfer waits for another. With the last upload of an attempt the attempt goes. */
export const terminateUpload =
  (deps: TusDeps) =>
  async (caller: TusCaller, id: FileTransferId, uploadId: TusUploadId): Promise<Result<undefined, TusRefusal>> => {
    const opened = await openTransfer(deps, caller, id)
    if (!opened.ok) return opened
    const { found, uploads } = opened.value
    const attemptId = resumableAttempt(found.transfer)?.id
    const current = uploads.filter(({ upload }) => upload.attemptId === attemptId)
    const ended = current.find(({ upload }) => upload.id === uploadId)
    if (!ended || attemptId === undefined) return err('UploadNotFound')
    if (isLeased(ended.upload, deps.now())) return err('UploadLocked')
    const isJoined = current.some(({ upload }) => !isPart(upload) && isComplete(upload))
    if (isJoined) return err('UploadIsComplete')

    const removed = await deps.tusUploads.remove(id, uploadId, ended.version)
    if (removed === 'conflict') return err('UploadLocked')
    const { tail } = ended.upload
    if (current.length > 1) {
      if (tail) await deps.blocks.removeTail(blobLocation(found.transfer, attemptId), tail.name)
      return ok(undefined)
    }
    const abandoned = await change(deps, found, (now, at) => abandonUpload(now, attemptId, at), authorOf(caller))
    return abandoned.ok ? ok(undefined) : abandoned
  }
