import { authorOf } from '../../../domain/author.js'
import { type FileTransferId, resumableAttempt } from '../../../domain/fileTransfer/state.js'
import { abandonUpload } from '../../../domain/fileTransfer/upload.js'
import { err, ok, type Result } from '../../../domain/result.js'
import { isComplete, isLeased, isPart, type TusUploadId } from '../../../domain/tus/upload.js'
import { blobLocation } from '../../commit/blobLocation.js'
import type { TransferCommits } from '../../commit/transferCommits.js'
import type { BlockStore, TusCaller, TusRefusal } from '../../ports/tus.js'
import { type OpenTransferDeps, openTransfer } from './createTusUpload.js'

type Deps = OpenTransferDeps & { commits: TransferCommits; blocks: BlockStore }

/** Ends an upload and removes its bytes; the transfer can get another. With its last upload an attempt is abandoned. */
export const terminateUpload =
  (deps: Deps) =>
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
    const abandoned = await deps.commits.change(found, (now, at) => abandonUpload(now, attemptId, at), authorOf(caller))
    return abandoned.ok ? ok(undefined) : abandoned
  }
