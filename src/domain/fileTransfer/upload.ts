import type { OrganizationNumber } from '../organizationNumber.js'
import { err, ok } from '../result.js'
import { evolveAll } from './evolve.js'
import { withDetails } from './scanDetails.js'
import {
  type AttemptId,
  type Decision,
  type Fact,
  type FileTransfer,
  heldAttempts,
  releasing,
  resumableAttempt,
  type StoredFile,
  type Verdict,
} from './state.js'

/** How long things may take, in seconds. */
export type DeadlineSettings = {
  uploadIdle: number
  processingOverdue: number
  scanWarning: number
  scanOverdue: number
}

/** Uploads of one transfer that may be open at once; one more takes the place of the oldest. */
const MAX_OPEN_ATTEMPTS = 16

const later = (at: Date, seconds: number) => new Date(at.getTime() + seconds * 1000)

/** Why a file transfer failed, as its status text tells. */
export const reasons = {
  checksumMismatch: 'Checksum mismatch',
  uploadIdle: 'The upload was begun and never finished',
  fileLost: 'The stored file is not the one that was uploaded',
  scanOverdue: 'The malware scan gave no result in time',
  malicious: 'Malware scan failed: Malicious',
  scanFailed: 'Malware scan failed: the file could not be scanned',
} as const

/** Whether a complete upload failed since Broker, or its scanner, could not do its part. What the file or its sender brought about is not. */
export const isForWantOfPublication = (reason: string): boolean =>
  [reasons.fileLost, reasons.scanOverdue, reasons.scanFailed].some((each) => reason.startsWith(each))

type NewAttempt = { id: AttemptId; vendor: OrganizationNumber | undefined; replaces?: AttemptId | undefined }

/** An upload begins, in the place of the one that it `replaces`. A broken one may be tried again: the first to be complete wins. */
export function startUpload(
  transfer: FileTransfer,
  attempt: NewAttempt,
  { uploadIdle }: DeadlineSettings,
  at: Date,
): Decision<'FileTransferAlreadyUploaded'> {
  if (transfer.status !== 'Initialized' && transfer.status !== 'UploadStarted')
    return err('FileTransferAlreadyUploaded')
  const open = heldAttempts(transfer)
  const oldest = open.slice(0, Math.max(0, open.length - MAX_OPEN_ATTEMPTS + 1))
  const released = new Set([...oldest, ...(attempt.replaces === undefined ? [] : [attempt.replaces])])
  return ok([
    {
      type: 'UploadStarted',
      attemptId: attempt.id,
      ...(attempt.vendor && { vendor: attempt.vendor }),
      idleAt: later(at, uploadIdle),
      ...releasing(transfer, [...released]),
      at,
    },
  ])
}

/**
 * An upload that comes in several requests begins. One that is under way goes on (no facts), unless it is the one that this `replaces`: there is
 * one of its kind at a time, since the parts of a file that come side by side belong to one attempt.
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

const hasPromise = ({ checksum }: FileTransfer) => Boolean(checksum?.trim())

/** Whether the bytes of an upload are those that the sender promised. Without a promise they are. */
export const isAsPromised = (transfer: FileTransfer, md5: string): boolean =>
  !hasPromise(transfer) || transfer.checksum?.toLowerCase() === md5

/** Whether the file is read to the end before it is published: for want of an MD5, but for one that came by a link only to keep a promise. */
export const isToBeRead = (transfer: FileTransfer, { md5, link }: StoredFile): boolean =>
  md5 === undefined && (link === undefined || hasPromise(transfer))

/**
 * All bytes of this attempt are stored, as the storage has just said: only a file that is to be read has still to be looked at. Refused when
 * another attempt was first or the transfer has ended; quiet when it was this one.
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
    { kind: 'scanWarning' as const, at: later(at, settings.scanWarning) },
    { kind: 'scanOverdue' as const, at: later(at, settings.scanOverdue) },
  ]
  const completed: Fact = {
    type: 'UploadCompleted',
    file,
    ...releasing(
      transfer,
      heldAttempts(transfer).filter((id) => id !== file.attemptId),
    ),
    deadlines: [
      { kind: 'processingOverdue', at: later(at, settings.processingOverdue + secondsToRead(transfer, file)) },
      ...(transfer.useVirusScan && !hasVerdict ? scan : []),
    ],
    at,
  }
  const facts: Fact[] = isToBeRead(transfer, file) ? [completed] : [completed, { type: 'UploadChecked', at }]
  return ok(withFollowingFacts(transfer, facts, at))
}

/** A file that is read once more before it is published is not read slower than this. */
const SLOWEST_BYTES_A_SECOND = 20e6
const secondsToRead = (transfer: FileTransfer, file: StoredFile) =>
  isToBeRead(transfer, file) ? Math.ceil(file.sizeBytes / SLOWEST_BYTES_A_SECOND) : 0

/** This attempt has ended without a file; the transfer waits for another. */
export const abandonUpload = (transfer: FileTransfer, attemptId: AttemptId, at: Date): Decision =>
  ok(isOpen(transfer, attemptId) ? [{ type: 'UploadAbandoned', ...releasing(transfer, [attemptId]), at }] : [])

/** What was sent is not what was promised, and that ends the transfer. */
export function failUpload(
  transfer: FileTransfer,
  attemptId: AttemptId,
  reason: string,
  at: Date,
): Decision<'FileTransferAlreadyUploaded'> {
  return isOpen(transfer, attemptId) ? ok([failed(transfer, reason, at)]) : err('FileTransferAlreadyUploaded')
}

/** The sender calls the transfer off, which it may as long as nobody has been told that the file is there. */
export function cancel(transfer: FileTransfer, at: Date): Decision<'FileTransferAlreadyEnded'> {
  switch (transfer.status) {
    case 'Initialized':
    case 'UploadStarted':
    case 'UploadProcessing':
      return ok([{ type: 'Cancelled', ...releasing(transfer, heldAttempts(transfer)), at }])
    case 'Cancelled':
      return ok([])
    case 'Published':
    case 'AllConfirmedDownloaded':
    case 'Failed':
    case 'Purged':
      return err('FileTransferAlreadyEnded')
  }
}

/**
 * The stored file has been looked at, and read to the end for its `md5` where that was not known. It is published now, or when the scanner has
 * said that it may be.
 */
export function checkUpload(
  transfer: FileTransfer,
  attemptId: AttemptId,
  isIntact: boolean,
  at: Date,
  md5?: string,
): Decision {
  if (transfer.status !== 'UploadProcessing' || transfer.file.attemptId !== attemptId || transfer.isChecked)
    return ok([])
  if (!isIntact) return ok([failed(transfer, reasons.fileLost, at)])
  if (md5 !== undefined && !isAsPromised(transfer, md5)) return ok([failed(transfer, reasons.checksumMismatch, at)])
  return ok(withFollowingFacts(transfer, [{ type: 'UploadChecked', ...(md5 !== undefined && { md5 }), at }], at))
}

/**
 * A verdict of the scanner, where a scan is asked for. The first one about the blob of an attempt that is still wanted
 * counts, and `Malicious` about what was clean before, also when the file has been published.
 */
export function recordVerdict(transfer: FileTransfer, attemptId: AttemptId, verdict: Verdict, at: Date): Decision {
  if (!transfer.useVirusScan) return ok([])
  const recorded: Fact = { type: 'ScanVerdictRecorded', attemptId, verdict, at }
  switch (transfer.status) {
    case 'UploadStarted': {
      const attempt = transfer.attempts.find(({ id }) => id === attemptId)
      return ok(attempt && isFirstVerdict(attempt.verdict, verdict) ? [recorded] : [])
    }
    case 'UploadProcessing': {
      const isAboutFile = isVerdictOn(transfer.file, attemptId, verdict)
      return ok(
        isAboutFile && isFirstVerdict(transfer.verdict, verdict) ? withFollowingFacts(transfer, [recorded], at) : [],
      )
    }
    case 'Published':
    case 'AllConfirmedDownloaded': {
      const isMalware = isVerdictOn(transfer.file, attemptId, verdict) && verdict.result === 'Malicious'
      return ok(isMalware ? [{ ...failed(transfer, reasonFor(verdict), at), type: 'FileWithdrawn' }] : [])
    }
    case 'Initialized':
    case 'Failed':
    case 'Cancelled':
    case 'Purged':
      return ok([])
  }
}

const isVerdictOn = (file: StoredFile, attemptId: AttemptId, { etag }: Verdict) =>
  file.attemptId === attemptId && file.etag === etag

/** Whether a verdict changes what is known of an attempt. */
const isFirstVerdict = (known: Verdict | undefined, { etag, result }: Verdict) =>
  known?.etag !== etag || (known.result === 'Clean' && result === 'Malicious')

/** The facts, and what follows from them at once: a bad verdict fails the transfer, a checked file that may go is published. */
function withFollowingFacts(before: FileTransfer, facts: Fact[], at: Date): Fact[] {
  const transfer = evolveAll(before, facts)
  if (transfer.status !== 'UploadProcessing') return facts
  const { verdict, isChecked, useVirusScan } = transfer
  if (verdict && verdict.result !== 'Clean') return [...facts, failed(transfer, reasonFor(verdict), at)]
  return isChecked && (verdict || !useVirusScan) ? [...facts, { type: 'Published', at }] : facts
}

const reasonFor = ({ result, detail }: Verdict) =>
  withDetails(result === 'Malicious' ? reasons.malicious : reasons.scanFailed, detail)

/** The end of a transfer whose file will never be published. */
export const failed = (transfer: FileTransfer, reason: string, at: Date): Extract<Fact, { type: 'UploadFailed' }> => ({
  type: 'UploadFailed',
  reason,
  ...releasing(transfer, heldAttempts(transfer)),
  at,
})

const isOpen = (transfer: FileTransfer, attemptId: AttemptId) =>
  transfer.status === 'UploadStarted' && transfer.attempts.some(({ id }) => id === attemptId)
