import { authorOf } from '../../../domain/author.js'
import { attemptsInUse, type FileTransfer, type FileTransferId } from '../../../domain/fileTransfer/state.js'
import type { DeadlineSettings } from '../../../domain/fileTransfer/upload.js'
import { err, ok, type Result } from '../../../domain/result.js'
import { canContinueSending } from '../../../domain/tokenTimes.js'
import { expiresAt, isComplete, type TusUpload, type TusUploadId, type Uploader } from '../../../domain/tus/upload.js'
import { canActAsSender } from '../../access.js'
import type { AccessPolicy, Caller } from '../../ports/access.js'
import type { FileTransferReader, Snapshot } from '../../ports/fileTransfers.js'
import type { ReadUpload, TusCaller, TusRefusal, TusUploads } from '../../ports/tus.js'

type RunningDeps = { deadlines: DeadlineSettings; now: () => Date }
type SenderDeps = RunningDeps & { access: AccessPolicy }
export type OpenUploadDeps = SenderDeps & { transfers: FileTransferReader; tusUploads: TusUploads }

// Spec 6.8: the session of a Maskinporten token, else its client, else whom it is about.
/** How an uploader is recognised in later requests. */
export function uploaderOf(caller: Caller): Uploader {
  const { organization, claims } = caller
  const known = [claims.sid, claims.client_id, claims.sub].find((claim) => typeof claim === 'string' && claim !== '')
  const subject = typeof known === 'string' ? known : undefined
  return { organization, subject, ...authorOf(caller) }
}

const isBy = ({ organization, subject }: Uploader, { uploader }: TusUpload) =>
  subject !== undefined && uploader.subject === subject && uploader.organization === organization

/**
 * May the caller send? `uploads` are those that are running: for their own uploaders the policy is asked only if
 * `isPolicyAsked`. A token that has expired is accepted only if it was valid when one of them began.
 */
export async function canSend(
  { access, now, deadlines }: SenderDeps,
  caller: TusCaller,
  transfer: FileTransfer,
  uploads: TusUpload[],
  isPolicyAsked: boolean,
): Promise<Result<undefined, 'TokenExpired' | 'NoAccessToResource'>> {
  // Those that were begun, or last written to, by the caller.
  const own = uploads.filter((upload) => isBy(uploaderOf(caller), upload))
  const isSending = transfer.status === 'UploadStarted' || transfer.status === 'UploadProcessing'
  const isInTime = ({ beganAt, lastByteAt }: TusUpload) =>
    canContinueSending(caller.claims, beganAt ?? lastByteAt, now(), deadlines.uploadIdle)
  if (caller.isExpired && !(isSending && own.some(isInTime))) return err('TokenExpired')
  if (own.length > 0 && !isPolicyAsked) return ok(undefined)
  return (await canActAsSender(access, caller, transfer)) ? ok(undefined) : err('NoAccessToResource')
}

/** A transfer and the upload of it that was asked for. */
export type Opened = Snapshot & { read: ReadUpload }

/**
 * The upload with its transfer, for a caller who may send. One that has failed, or whose file has been purged, is not
 * found.
 */
export async function openUpload(
  deps: OpenUploadDeps,
  caller: TusCaller,
  id: FileTransferId,
  uploadId: TusUploadId,
): Promise<Result<Opened, TusRefusal>> {
  const [found, read] = await Promise.all([deps.transfers.read(id), deps.tusUploads.read(id, uploadId)])
  if (!found) return caller.isExpired ? err('TokenExpired') : err('FileTransferNotFound')
  const isHeld = read && isRunning(deps, read.upload) && attemptsInUse(found.transfer).includes(read.upload.attemptId)
  const running = isHeld ? read : undefined
  const permitted = await canSend(deps, caller, found.transfer, running ? [running.upload] : [], false)
  if (!permitted.ok) return permitted
  return running ? ok({ ...found, read: running }) : err('UploadNotFound')
}

/** Whether the upload has not expired. One that is complete does not expire. */
export const isRunning = ({ now, deadlines }: RunningDeps, upload: TusUpload): boolean =>
  isComplete(upload) || expiresAt(upload, deadlines.uploadIdle) > now()
