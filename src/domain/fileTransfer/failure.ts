import { attemptsInUse, type Fact, type FileTransfer, releaseOf } from './state.js'

/** Why a file transfer failed, as its status text tells. */
export const failureReasons = {
  checksumMismatch: 'Checksum mismatch',
  uploadIdle: 'The upload was begun and never finished',
  fileLost: 'The stored file is not the one that was uploaded',
  scanOverdue: 'The malware scan gave no result in time',
  malicious: 'Malware scan failed: Malicious',
  scanFailed: 'Malware scan failed: the file could not be scanned',
} as const

/** Whether a complete upload failed since Broker, or its scanner, could not do its part. What the file or its sender brought about is not. */
export const isProcessingFailure = (reason: string): boolean =>
  [failureReasons.fileLost, failureReasons.scanOverdue, failureReasons.scanFailed].some((each) =>
    reason.startsWith(each),
  )

/** The end of a transfer whose file will never be published. */
export const uploadFailed = (
  transfer: FileTransfer,
  reason: string,
  at: Date,
): Extract<Fact, { type: 'UploadFailed' }> => ({
  type: 'UploadFailed',
  reason,
  ...releaseOf(transfer, attemptsInUse(transfer)),
  at,
})
