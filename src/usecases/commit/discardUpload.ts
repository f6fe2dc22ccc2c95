import type { AttemptId, FileTransfer } from '../../domain/fileTransfer/state.js'
import { settleAll } from '../../lib/settleAll.js'
import type { TusPorts } from '../ports/tus.js'
import { blobLocation } from './blobLocation.js'

/** Takes away all that came of an attempt in several requests, and was not made a file. Throws to be called again. */
export async function discardUpload(
  { tusUploads, blocks }: Pick<TusPorts, 'tusUploads' | 'blocks'>,
  transfer: FileTransfer,
  attemptId: AttemptId,
): Promise<void> {
  const uploads = await tusUploads.ofFileTransfer(transfer.id)
  const own = uploads.filter(({ upload }) => upload.attemptId === attemptId)
  const removed = await Promise.all(
    own.map(({ upload, version }) => tusUploads.remove(transfer.id, upload.id, version)),
  )
  await blocks.discard(blobLocation(transfer, attemptId))
  // One who is still writing finds that the transfer has moved on, at the latest when its row is gone.
  if (removed.includes('conflict'))
    throw new Error(`An upload of ${transfer.id} was written to while it was discarded.`)
}

/** Takes away what several attempts have left. */
export const discardUploads = (
  ports: Pick<TusPorts, 'tusUploads' | 'blocks'>,
  transfer: FileTransfer,
  ids: AttemptId[],
) => settleAll(ids.map((attemptId) => discardUpload(ports, transfer, attemptId)))
