import { isDecided, isFinal } from '../wire/statuses.js'
import type { FileTransferOverview, FileTransferStatus } from '../wire/types.js'
import type { CallOptions, Operations } from './operations.js'
import { TransferEnded } from './problem.js'
import { backoff, pause } from './wait.js'

/** How long a call waits at a time. A proxy on the way may end what is silent for a minute. */
const WAIT_SECONDS = 30

/**
 * The file transfer as soon as it has the status, or has passed it. A Broker that does not know how to wait is polled.
 * @throws TransferEnded when it has ended otherwise, or the reason of the signal.
 */
export async function waitForStatus(
  operations: Operations,
  id: string,
  status: FileTransferStatus,
  { signal }: CallOptions = {},
): Promise<FileTransferOverview> {
  const delays = backoff({ firstMs: 500, longestMs: WAIT_SECONDS * 1000 }, 1.5)
  for (;;) {
    const begunMs = performance.now()
    const now = await operations.getFileTransfer(id, { waitFor: status, timeout: WAIT_SECONDS, signal })
    const { fileTransferStatus: found } = now
    if (isDecided(found, status)) {
      if (found !== status && isFinal(found) && found !== 'AllConfirmedDownloaded')
        throw new TransferEnded(id, found, now.fileTransferStatusText)
      return now
    }
    await pauseUnlessWaited(begunMs, WAIT_SECONDS * 1000, delays.nextMs(), signal)
  }
}

/** Waits for this time where a call that should have waited for `askedMs` did not: else it would be repeated immediately. */
export async function pauseUnlessWaited(begunMs: number, askedMs: number, ms: number, signal?: AbortSignal) {
  const waitedMs = performance.now() - begunMs
  if (waitedMs < askedMs * 0.9) await pause(Math.max(0, ms - waitedMs), signal)
}
