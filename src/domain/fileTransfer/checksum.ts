import type { FileTransfer, StoredFile } from './state.js'

const hasChecksum = ({ checksum }: FileTransfer) => Boolean(checksum?.trim())

/** Whether the MD5 of an upload is the checksum of the transfer, or the transfer has none. */
export const matchesChecksum = (transfer: FileTransfer, md5: string): boolean =>
  !hasChecksum(transfer) || transfer.checksum?.toLowerCase() === md5

/**
 * Whether a stored file is read for its MD5 before it is published. A file that was uploaded by a link is read only
 * where there is a checksum to compare.
 */
export const needsHashing = (transfer: FileTransfer, { md5, link }: StoredFile): boolean =>
  md5 === undefined && (link === undefined || hasChecksum(transfer))
