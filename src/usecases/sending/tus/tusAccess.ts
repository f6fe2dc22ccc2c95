import { authorOf } from '../../../domain/fileTransfer/author.js'
import { attemptsInUse, type FileTransfer, type FileTransferId } from '../../../domain/fileTransfer/state.js'
import { err, ok, type Result } from '../../../domain/result.js'
import { canContinueSending } from '../../../domain/tokenTimes.js'
import { expiresAt, isComplete, type TusUpload, type TusUploadId, type Uploader } from '../../../domain/tus/upload.js'
import { canActAsSender } from '../../access.js'
import type { Caller } from '../../ports/access.js'
import type { Snapshot } from '../../ports/fileTransfers.js'
import type { ReadUpload, TusCaller, TusRefusal } from '../../ports/tus.js'
import type { TusDeps } from './deps.js'

// Spec 6.8: the session of a Maskinporten token, else its client, else whom it is about.
/** How an uploader is recognised again. */
export function uploaderOf(caller: Caller): Uploader {
  const { organization, claims } = caller
  const known = [claims.sid, claims.client_id, claims.sub].find((claim) => typeof claim === 'string' && claim !== '')
  const subject = typeof known === 'string' ? known : undefined
  return { organization, subject, ...authorOf(caller) }
}

const isBy = ({ organization, subject }: Uploader, { uploader }: TusUpload) =>
  subject !== undefined && uploader.subject === subject && uploader.organization === organization

/**
 * May the caller send? Asked of the policy each time, but for who is in the middle of it. `uploads` are those that run. A token whose time is
 * over will do only where it was valid when one of them began.
 */
export async function canSend(
  { access, now, deadlines }: TusDeps,
  caller: TusCaller,
  transfer: FileTransfer,
  uploads: TusUpload[],
  isPolicyAsked: boolean,
): Promise<Result<undefined, 'TokenExpired' | 'NoAccessToResource'>> {
  // Running uploads that were begun, or last written to, by the caller.
  const own = uploads.filter((upload) => isBy(uploaderOf(caller), upload))
  const isSending = transfer.status === 'UploadStarted' || transfer.status === 'UploadProcessing'
  const isInTime = ({ beganAt, lastByteAt }: TusUpload) =>
    canContinueSending(caller.claims, beganAt ?? lastByteAt, now(), deadlines.uploadIdle)
  if (caller.isExpired && !(isSending && own.some(isInTime))) return err('TokenExpired')
  if (own.length > 0 && !isPolicyAsked) return ok(undefined)
  return (await canActAsSender(access, caller, transfer)) ? ok(undefined) : err('NoAccessToResource')
}

export type Opened = Snapshot & { read: ReadUpload }

/** The upload with its transfer, for a caller who may send. One that has failed, or whose file has been purged, is not there any more. */
export async function openUpload(
  deps: TusDeps,
  caller: TusCaller,
  id: FileTransferId,
  uploadId: TusUploadId,
): Promise<Result<Opened, TusRefusal>> {
  const [found, read] = await Promise.all([deps.transfers.read(id), deps.tusUploads.read(id, uploadId)])
  if (!found) return caller.isExpired ? err('TokenExpired') : err('FileTransferNotFound')
  const isThere = read && isRunning(deps, read.upload) && attemptsInUse(found.transfer).includes(read.upload.attemptId)
  const running = isThere ? read : undefined
  const permitted = await canSend(deps, caller, found.transfer, running ? [running.upload] : [], false)
  if (!permitted.ok) return permitted
  return running ? ok({ ...found, read: running }) : err('UploadNotFound')
}

/** Whether the upload has not been given up for want of bytes. One that is complete stays. */
export const isRunning = ({ now, deadlines }: TusDeps, upload: TusUpload): boolean =>
  isComplete(upload) || expiresAt(upload, deadlines.uploadIdle) > now()
