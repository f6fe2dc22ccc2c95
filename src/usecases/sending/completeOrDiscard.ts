import type { Author } from '../../domain/fileTransfer/author.js'
import type { FileTransfer, StoredFile } from '../../domain/fileTransfer/state.js'
import { completeUpload, type DeadlineSettings } from '../../domain/fileTransfer/upload.js'
import { type ChangePorts, change } from '../commit/change.js'
import type { BlobLocation } from '../ports/blobs.js'
import type { Snapshot } from '../ports/fileTransfers.js'

/**
 * Records that the file of an attempt is stored; refused, its blob is deleted. `fileIn` is the file, in view of the transfer as it is by then.
 */
export async function completeOrDiscard(
  deps: ChangePorts & { deadlines: DeadlineSettings },
  begun: Snapshot,
  place: BlobLocation,
  fileIn: (transfer: FileTransfer) => StoredFile,
  by: Author | undefined,
) {
  const completed = await change(deps, begun, (now, at) => completeUpload(now, fileIn(now), deps.deadlines, at), by)
  if (completed.ok) return completed
  // Where it is busy the state was not read after the last commit, and may name this attempt. All else comes from a state that was just read and
  // does not, or there is none any more: the blob is ours alone.
  if (completed.reason !== 'FileTransferBusy') await deps.blobs.remove(place)
  return completed
}
