import type { Author } from '../../domain/author.js'
import type { FileTransfer, StoredFile } from '../../domain/fileTransfer/state.js'
import { completeUpload, type DeadlineSettings } from '../../domain/fileTransfer/upload.js'
import type { TransferCommits } from '../commit/transferCommits.js'
import type { BlobLocation, FileBlobs } from '../ports/blobs.js'
import type { Snapshot } from '../ports/fileTransfers.js'

/** What completing an upload takes, whichever way the bytes came. */
export type CompleteDeps = { commits: TransferCommits; blobs: FileBlobs; deadlines: DeadlineSettings }

/**
 * Records that the file of an attempt is stored; refused, its blob is deleted. `fileIn` returns the file, given the
 * transfer as it is then.
 */
export async function completeOrDiscard(
  { commits, blobs, deadlines }: CompleteDeps,
  begun: Snapshot,
  location: BlobLocation,
  fileIn: (transfer: FileTransfer) => StoredFile,
  by: Author | undefined,
) {
  const completed = await commits.change(begun, (now, at) => completeUpload(now, fileIn(now), deadlines, at), by)
  if (completed.ok) return completed
  // When it is busy the state was not read after the last commit, and may name this attempt. Every other refusal comes
  // from a state that was just read and does not name it, or the transfer was deleted: no one else uses the blob.
  if (completed.reason !== 'FileTransferBusy') await blobs.remove(location)
  return completed
}
