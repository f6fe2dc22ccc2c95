import type { FileTransfer, StoredFile } from './state.js'

const hasPromise = ({ checksum }: FileTransfer) => Boolean(checksum?.trim())

/** Whether the bytes of an upload are those that the sender promised. Without a promise they are. */
export const matchesChecksum = (transfer: FileTransfer, md5: string): boolean =>
  !hasPromise(transfer) || transfer.checksum?.toLowerCase() === md5

/** Whether the file is read to the end before it is published: for want of an MD5, but for one that came by a link only to keep a promise. */
export const needsHashing = (transfer: FileTransfer, { md5, link }: StoredFile): boolean =>
  md5 === undefined && (link === undefined || hasPromise(transfer))
