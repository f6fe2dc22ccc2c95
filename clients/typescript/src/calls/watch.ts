import { isDownloadable, isFinal } from '../wire/statuses.js'
import type { FileTransferOverview } from '../wire/types.js'
import type { Operations } from './operations.js'
import { TransferEnded } from './problem.js'
import { backoff, pause } from './wait.js'

export type WatchOptions = {
  /** The first time between two looks, default 500 ms; it grows while nothing happens, up to `longestMs`, default 30 s. */
  firstMs?: number | undefined
  longestMs?: number | undefined
  signal?: AbortSignal | undefined
}

const GROWTH = 1.5

/** How a file transfer stands now, and again whenever its status or a recipient's has changed, until its end. */
export async function* watch(operations: Operations, id: string, options: WatchOptions = {}) {
  const { firstMs = 500, longestMs = 30_000, signal } = options
  const delays = backoff({ firstMs, longestMs }, GROWTH)
  let seen = ''
  for (;;) {
    const now = await operations.getFileTransfer(id, { signal })
    const standing = standingOf(now)
    if (standing !== seen) {
      seen = standing
      delays.reset()
      yield now
    }
    if (isFinal(now.fileTransferStatus)) return
    await pause(delays.nextMs(), signal)
  }
}

/** Waits until it is published, or has been. @throws TransferEnded when that cannot come any more. */
export async function published(
  operations: Operations,
  id: string,
  options: WatchOptions,
): Promise<FileTransferOverview> {
  for await (const now of watch(operations, id, options)) {
    const { fileTransferStatus: status } = now
    if (isDownloadable(status)) return now
    if (isFinal(status)) throw new TransferEnded(id, status, now.fileTransferStatusText)
  }
  throw new Error('A watch ends with a final status.')
}

const standingOf = ({ fileTransferStatus, recipients }: FileTransferOverview) =>
  JSON.stringify([fileTransferStatus, recipients.map((each) => each.currentRecipientFileTransferStatusCode)])
