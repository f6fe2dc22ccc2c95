import { attemptsInUse, type Fact, type FileTransfer, releaseOf } from './state.js'

/** The reasons in the status text of a failed file transfer. */
export const failureReasons = {
  checksumMismatch: 'Checksum mismatch',
  uploadIdle: 'The upload was begun and never finished',
  fileLost: 'The stored file is not the one that was uploaded',
  scanOverdue: 'The malware scan gave no result in time',
  malicious: 'Malware scan failed: Malicious',
  scanFailed: 'Malware scan failed: the file could not be scanned',
} as const

/** Whether Broker or its scanner failed to process a complete upload. A fault of the file or its sender is none. */
export const isProcessingFailure = (reason: string): boolean =>
  [failureReasons.fileLost, failureReasons.scanOverdue, failureReasons.scanFailed].some((each) =>
    reason.startsWith(each),
  )

/** The failure of a transfer before its file was published. */
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
