import { type Fact, type FileTransfer, heldAttempts, releasing } from './state.js'

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

/** The end of a transfer whose file will never be published. */
export const failed = (transfer: FileTransfer, reason: string, at: Date): Extract<Fact, { type: 'UploadFailed' }> => ({
  type: 'UploadFailed',
  reason,
  ...releasing(transfer, heldAttempts(transfer)),
  at,
})
