import type { Digests, FileTransfer, StoredFile } from './state.js'

const hasChecksum = ({ checksum }: FileTransfer) => Boolean(checksum?.trim())

/** Whether these digests of an upload are the checksums of the transfer. What is not known is not compared. */
export const matchesChecksum = (transfer: FileTransfer, { md5, sha256 }: Digests): boolean =>
  (md5 === undefined || !hasChecksum(transfer) || transfer.checksum?.toLowerCase() === md5) &&
  (sha256 === undefined || transfer.checksumSha256 === undefined || transfer.checksumSha256 === sha256)

/**
 * Whether a stored file is read for its digests before it is published: for its MD5, and for a SHA-256 to compare. A file
 * that was uploaded by a link is read only where there is a checksum to compare.
 */
export const needsHashing = (transfer: FileTransfer, { md5, sha256, link }: StoredFile): boolean => {
  if (transfer.checksumSha256 !== undefined && sha256 === undefined) return true
  return md5 === undefined && (link === undefined || hasChecksum(transfer))
}

/** The digests that are known, and nothing else. */
export const digestsIn = ({ md5, sha256 }: { md5?: string | undefined; sha256?: string | undefined }): Digests => ({
  ...(md5 !== undefined && { md5 }),
  ...(sha256 !== undefined && { sha256 }),
})
