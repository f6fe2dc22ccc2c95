import { authorOf } from '../../domain/author.js'
import { type FileTransfer, type FileTransferId, heldAttempts } from '../../domain/fileTransfer.js'
import { err, ok, type Result } from '../../domain/result.js'
import { expiresAt, isComplete, type TusUpload, type TusUploadId, type Uploader } from '../../domain/tusUpload.js'
import { mayActAsSender } from '../access.js'
import type { Caller, Snapshot } from '../ports.js'
import type { ReadUpload, TusCaller, TusRefusal } from '../tusPorts.js'
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

/** Whether one of these running uploads was begun, or last written to, by the caller. */
export const isUnderWayBy = (caller: Caller, uploads: TusUpload[]): boolean =>
  uploads.some((upload) => isBy(uploaderOf(caller), upload))

/** May the caller send? Asked of the policy each time, but for who is in the middle of it. `uploads` are those that run. */
export async function maySend(
  { access }: TusDeps,
  caller: TusCaller,
  transfer: FileTransfer,
  uploads: TusUpload[],
  isPolicyAsked: boolean,
): Promise<Result<undefined, 'TokenExpired' | 'NoAccessToResource'>> {
  const isUnderWay = isUnderWayBy(caller, uploads)
  const isSending = transfer.status === 'UploadStarted' || transfer.status === 'UploadProcessing'
  if (caller.isExpired && !(isUnderWay && isSending)) return err('TokenExpired')
  if (isUnderWay && !isPolicyAsked) return ok(undefined)
  return (await mayActAsSender(access, caller, transfer)) ? ok(undefined) : err('NoAccessToResource')
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
  const isThere = read && isRunning(deps, read.upload) && heldAttempts(found.transfer).includes(read.upload.attemptId)
  const running = isThere ? read : undefined
  const permitted = await maySend(deps, caller, found.transfer, running ? [running.upload] : [], false)
  if (!permitted.ok) return permitted
  return running ? ok({ ...found, read: running }) : err('UploadNotFound')
}

/** Whether the upload has not been given up for want of bytes. One that is complete stays. */
export const isRunning = ({ now, deadlines }: TusDeps, upload: TusUpload): boolean =>
  isComplete(upload) || expiresAt(upload, deadlines.uploadIdle) > now()
