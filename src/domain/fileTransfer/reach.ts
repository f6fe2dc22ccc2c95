import type { FileTransferStatus } from './state.js'

/** A status never comes after one of a later place, nor after another of the same. */
const PLACE: Record<FileTransferStatus, number> = {
  Initialized: 0,
  UploadStarted: 1,
  UploadProcessing: 2,
  Published: 3,
  AllConfirmedDownloaded: 4,
  Cancelled: 5,
  Failed: 5,
  Purged: 6,
}

/** Whether a transfer of this status has the wanted one, or can no longer come to it. */
export const isDecided = (status: FileTransferStatus, wanted: FileTransferStatus): boolean =>
  PLACE[status] >= PLACE[wanted]
