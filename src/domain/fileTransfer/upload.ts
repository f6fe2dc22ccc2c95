import { addSeconds } from '../duration.js'
import type { OrganizationNumber } from '../organizationNumber.js'
import { err, ok } from '../result.js'
import { needsHashing } from './checksum.js'
import { uploadFailed } from './failure.js'
import { withFollowingFacts } from './processing.js'
import {
  type AttemptId,
  attemptsInUse,
  type Decision,
  type Fact,
  type FileTransfer,
  releaseOf,
  resumableAttempt,
  type StoredFile,
} from './state.js'

/** The time until each deadline, in seconds. */
export type DeadlineSettings = {
  uploadIdle: number
  processingOverdue: number
  scanWarning: number
  scanOverdue: number
}

/** Open attempts of one transfer; one more releases the oldest. */
const MAX_OPEN_ATTEMPTS = 16

type NewAttempt = { id: AttemptId; vendor: OrganizationNumber | undefined; replaces?: AttemptId | undefined }

/**
 * Starts an attempt, in place of the one that it `replaces`. Of several open attempts the first to be complete wins.
 */
export function startUpload(
  transfer: FileTransfer,
  attempt: NewAttempt,
  { uploadIdle }: DeadlineSettings,
  at: Date,
): Decision<'FileTransferAlreadyUploaded'> {
  if (transfer.status !== 'Initialized' && transfer.status !== 'UploadStarted')
    return err('FileTransferAlreadyUploaded')
  const open = attemptsInUse(transfer)
  const oldest = open.slice(0, Math.max(0, open.length - MAX_OPEN_ATTEMPTS + 1))
  const released = new Set([...oldest, ...(attempt.replaces === undefined ? [] : [attempt.replaces])])
  return ok([
    {
      type: 'UploadStarted',
      attemptId: attempt.id,
      ...(attempt.vendor && { vendor: attempt.vendor }),
      idleAt: addSeconds(at, uploadIdle),
      ...releaseOf(transfer, [...released]),
      at,
    },
  ])
}

/**
 * Starts a resumable attempt. An open one continues (no facts), unless this one `replaces` it: parts that are sent
 * concurrently belong to one attempt.
 */
export function startResumableUpload(
  transfer: FileTransfer,
  attempt: NewAttempt,
  settings: DeadlineSettings,
  at: Date,
): Decision<'FileTransferAlreadyUploaded'> {
  const current = resumableAttempt(transfer)?.id
  if (current !== undefined && current !== attempt.replaces) return ok([])
  const decision = startUpload(transfer, { ...attempt, replaces: current }, settings, at)
  if (!decision.ok) return decision
  return ok(decision.value.map((fact) => (fact.type === 'UploadStarted' ? { ...fact, isResumable: true } : fact)))
}

/**
 * All bytes of this attempt are stored. The file is thereby checked, unless it needs hashing. Refused when another
 * attempt was first or the transfer has ended; idempotent for the same attempt.
 */
export function completeUpload(
  transfer: FileTransfer,
  file: StoredFile,
  settings: DeadlineSettings,
  at: Date,
): Decision<'FileTransferAlreadyUploaded'> {
  if (transfer.status !== 'UploadStarted' || !isOpen(transfer, file.attemptId)) {
    const isOurs = 'file' in transfer && transfer.file?.attemptId === file.attemptId
    return isOurs ? ok([]) : err('FileTransferAlreadyUploaded')
  }
  const hasVerdict = transfer.attempts.some(({ id, verdict }) => id === file.attemptId && verdict?.etag === file.etag)
  const scan = [
    { kind: 'scanWarning' as const, at: addSeconds(at, settings.scanWarning) },
    { kind: 'scanOverdue' as const, at: addSeconds(at, settings.scanOverdue) },
  ]
  const completed: Fact = {
    type: 'UploadCompleted',
    file,
    ...releaseOf(
      transfer,
      attemptsInUse(transfer).filter((id) => id !== file.attemptId),
    ),
    deadlines: [
      { kind: 'processingOverdue', at: addSeconds(at, settings.processingOverdue + hashingSeconds(transfer, file)) },
      ...(transfer.useVirusScan && !hasVerdict ? scan : []),
    ],
    at,
  }
  const facts: Fact[] = needsHashing(transfer, file) ? [completed] : [completed, { type: 'UploadChecked', at }]
  return ok(withFollowingFacts(transfer, facts, at))
}

/** The slowest rate at which a file is read for its MD5. */
const MIN_BYTES_PER_SECOND = 20e6
const hashingSeconds = (transfer: FileTransfer, file: StoredFile) =>
  needsHashing(transfer, file) ? Math.ceil(file.sizeBytes / MIN_BYTES_PER_SECOND) : 0

/** This attempt ends without a file; another may be started. */
export const abandonUpload = (transfer: FileTransfer, attemptId: AttemptId, at: Date): Decision =>
  ok(isOpen(transfer, attemptId) ? [{ type: 'UploadAbandoned', ...releaseOf(transfer, [attemptId]), at }] : [])

/** The uploaded file does not match: the transfer fails. */
export function failUpload(
  transfer: FileTransfer,
  attemptId: AttemptId,
  reason: string,
  at: Date,
): Decision<'FileTransferAlreadyUploaded'> {
  return isOpen(transfer, attemptId) ? ok([uploadFailed(transfer, reason, at)]) : err('FileTransferAlreadyUploaded')
}

const isOpen = (transfer: FileTransfer, attemptId: AttemptId) =>
  transfer.status === 'UploadStarted' && transfer.attempts.some(({ id }) => id === attemptId)
