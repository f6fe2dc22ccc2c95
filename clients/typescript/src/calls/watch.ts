import { isDownloadable, isFinal } from '../wire/statuses.js'
import type { FileTransferOverview } from '../wire/types.js'
import type { Operations } from './operations.js'
import { TransferEnded } from './problem.js'
import { backoff, pause } from './wait.js'

/** How often to poll. */
export type WatchOptions = {
  /** The delay between polls, default 500 ms. It grows while nothing changes, up to `longestMs`, default 30 s. */
  firstMs?: number | undefined
  longestMs?: number | undefined
  signal?: AbortSignal | undefined
}

const GROWTH = 1.5

/** The state of a file transfer now and after each change of its status or a recipient's, until its final status. */
export async function* watch(operations: Operations, id: string, options: WatchOptions = {}) {
  const { firstMs = 500, longestMs = 30_000, signal } = options
  const delays = backoff({ firstMs, longestMs }, GROWTH)
  let lastStatuses = ''
  for (;;) {
    const now = await operations.getFileTransfer(id, { signal })
    const statuses = statusesOf(now)
    if (statuses !== lastStatuses) {
      lastStatuses = statuses
      delays.reset()
      yield now
    }
    if (isFinal(now.fileTransferStatus)) return
    await pause(delays.nextMs(), signal)
  }
}

/** Waits until the file is published. @throws TransferEnded when it has another final status. */
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

const statusesOf = ({ fileTransferStatus, recipients }: FileTransferOverview) =>
  JSON.stringify([fileTransferStatus, recipients.map((each) => each.currentRecipientFileTransferStatusCode)])
