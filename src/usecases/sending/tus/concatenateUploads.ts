import type { FileTransferId } from '../../../domain/fileTransfer/state.js'
import { resumableAttempt } from '../../../domain/fileTransfer/state.js'
import { err, ok, type Result } from '../../../domain/result.js'
import { isComplete, isPart, partsInOrder, type TusUpload, WHOLE } from '../../../domain/tus/upload.js'
import { digestsOfOneTurn } from '../../digests.js'
import type { Concatenation, Hashing, TusCaller, TusRefusal } from '../../ports/tus.js'
import { type OpenTransferDeps, openTransfer } from './createTusUpload.js'
import { type FinishDeps, type ScheduleDeps, scheduleFinish, tryFinish } from './finishUpload.js'
import { uploaderOf } from './tusAccess.js'

type Deps = OpenTransferDeps & ScheduleDeps & FinishDeps & { hashing: Hashing }

/**
 * Joins parts into the file, in this order. No byte is moved: their blocks are listed. Idempotent for the same parts.
 */
export const concatenateUploads =
  (deps: Deps) =>
  async (
    caller: TusCaller,
    id: FileTransferId,
    { order, metadata }: Concatenation,
  ): Promise<Result<TusUpload, TusRefusal>> => {
    const opened = await openTransfer(deps, caller, id)
    if (!opened.ok) return opened
    const { found, uploads, maxBytes } = opened.value
    const attemptId = resumableAttempt(found.transfer)?.id
    const current = uploads.filter(({ upload }) => upload.attemptId === attemptId)
    const before = current.find(({ upload }) => !isPart(upload))
    if (before && isComplete(before.upload)) {
      if (before.upload.parts?.join() !== order.join()) return err('JoinedAlready')
      await tryFinish(deps, found, before.upload)
      return ok(before.upload)
    }

    const parts = partsInOrder(
      current.map(({ upload }) => upload),
      order,
    )
    if (typeof parts === 'string') return err(parts)
    const lengthBytes = parts.reduce((sum, part) => sum + part.lengthBytes, 0)
    if (lengthBytes > maxBytes) return err('UploadTooLarge')
    const [first] = parts
    if (!first) return err('PartMissing')
    const { blockBytes } = first
    const whole: TusUpload = {
      id: WHOLE,
      attemptId: first.attemptId,
      lengthBytes,
      metadata,
      uploader: uploaderOf(caller),
      lastByteAt: deps.now(),
      blockBytes,
      offset: lengthBytes,
      blocks: [],
      parts: order,
      lease: before?.upload.lease ?? 0,
      ...(first.beganAt && { beganAt: first.beganAt }),
    }
    const empty = lengthBytes === 0 ? { ...whole, ...digestsOfOneTurn(deps.hashing).digests() } : whole
    await scheduleFinish(deps, id, first.attemptId)
    const saved = await deps.tusUploads.save(id, empty, before?.version)
    if (saved === 'conflict') return err('UploadLocked')
    await tryFinish(deps, found, empty)
    return ok(empty)
  }
