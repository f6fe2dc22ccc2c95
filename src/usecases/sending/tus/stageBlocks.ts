import { blockId, type TusUpload, type TusUploadId } from '../../../domain/tus/upload.js'
import { blockWriter } from '../../../lib/blockWriter.js'
import type { RunningDigest } from '../../ports/tus.js'

/** What is stored without a gap: a number of blocks, none of them short, and the MD5 of all bytes up to there. */
export type Staged = { blocks: number; md5State: string | undefined }

type Writer = { id: TusUploadId; lease: number; first: number; blockBytes: number }

/** Cuts bytes into blocks and stores them. The first block begins with `head`. */
export function stageBlocks(
  store: (blockId: string, bytes: Uint8Array) => Promise<void>,
  { id, lease, first, blockBytes }: Writer,
  md5: RunningDigest | undefined,
  head: Uint8Array,
) {
  let staged: Staged = { blocks: 0, md5State: undefined }
  let inOrder: Promise<void> = Promise.resolve()

  const writer = blockWriter(
    () => blockBytes,
    (bytes, index) => {
      md5?.update(bytes)
      const md5State = md5?.save()
      const storing = store(blockId(id, lease, first + index), bytes)
      const before = inOrder
      inOrder = storing
        .then(() => before)
        .then(() => {
          if (bytes.length === blockBytes) staged = { blocks: index + 1, md5State }
        })
      inOrder.catch(() => {}) // the writer has the failure; nothing after a gap counts
      return storing
    },
    head,
  )

  return {
    add: writer.add,

    /** Stores what is left as the last block of the upload, waits for all of them, and counts them. */
    async end(): Promise<number> {
      writer.storeRest()
      await writer.settled()
      const failure = writer.failure()
      if (failure) throw failure.error
      return writer.count()
    },

    /**
     * Stores the last block if it is full, waits, and gives what is stored and what is left over; on a failure, what
     * was stored before it.
     */
    async pause(): Promise<{ staged: Staged; left: Uint8Array; failure: { error: unknown } | undefined }> {
      if (writer.rest().length === blockBytes) writer.storeRest()
      await writer.settled()
      await inOrder.catch(() => {})
      const failure = writer.failure()
      return { staged, left: failure ? new Uint8Array() : writer.rest(), failure }
    },

    staged: () => staged,
    hasFailed: () => writer.failure() !== undefined,
    settled: writer.settled,
  }
}

/** The next writer of blocks, which begins at this position. */
export const writerOf = ({ id, lease, blockBytes }: TusUpload, first: number): Writer => ({
  id,
  lease,
  first,
  blockBytes,
})
