import type { AttemptId, FileTransfer } from '../../domain/fileTransfer/state.js'
import type { BlockStore, TusUploads } from '../ports/tus.js'
import { blobLocation } from './blobLocation.js'

type Deps = { tusUploads: TusUploads; blocks: BlockStore }

/** Removes the rows, blocks and tails of a resumable upload that was not made a file. Throws to have it done again. */
export async function discardUpload(
  { tusUploads, blocks }: Deps,
  transfer: FileTransfer,
  attemptId: AttemptId,
): Promise<void> {
  const uploads = await tusUploads.ofFileTransfer(transfer.id)
  const own = uploads.filter(({ upload }) => upload.attemptId === attemptId)
  const removed = await Promise.all(
    own.map(({ upload, version }) => tusUploads.remove(transfer.id, upload.id, version)),
  )
  await blocks.discard(blobLocation(transfer, attemptId))
  // A request that is still writing finds that the transfer has moved on, at the latest when its row has been deleted.
  if (removed.includes('conflict')) {
    throw new Error(`An upload of ${transfer.id} was written to while it was discarded.`)
  }
}
