import type { FileTransferId } from '../../../domain/fileTransfer/state.js'
import { ok, type Result } from '../../../domain/result.js'
import { isComplete, isPart, type TusUpload, type TusUploadId } from '../../../domain/tus/upload.js'
import type { TusCaller, TusRefusal } from '../../ports/tus.js'
import { type FinishDeps, tryFinish } from './finishUpload.js'
import { type OpenUploadDeps, openUpload } from './tusAccess.js'

/** Reads an upload, with its offset. One that is complete and was not finished is finished. */
export const viewTusUpload =
  (deps: OpenUploadDeps & FinishDeps) =>
  async (caller: TusCaller, id: FileTransferId, uploadId: TusUploadId): Promise<Result<TusUpload, TusRefusal>> => {
    const opened = await openUpload(deps, caller, id, uploadId)
    if (!opened.ok) return opened
    const { transfer, read, version } = opened.value
    const { upload } = read
    if (isComplete(upload) && !isPart(upload) && transfer.status === 'UploadStarted') {
      await tryFinish(deps, { transfer, version }, upload)
    }
    return ok(upload)
  }
