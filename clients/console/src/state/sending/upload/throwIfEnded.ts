import { type RetryPolicy, withRetry } from '../../../../../typescript/src/calls/retry.js'
import { type BrokerClient, TransferEnded } from '../../../../../typescript/src/index.js'
import { isFinal, isSent } from '../../../../../typescript/src/wire/statuses.js'

/** One that was cancelled elsewhere, or has failed, would be sent anew. @throws TransferEnded */
export async function throwIfEnded(
  broker: Pick<BrokerClient, 'getFileTransfer'>,
  fileTransferId: string,
  patience: RetryPolicy,
  signal: AbortSignal,
): Promise<void> {
  const look = () => broker.getFileTransfer(fileTransferId, { signal })
  const now = await withRetry(look, patience, signal)
  const { fileTransferStatus: status, fileTransferStatusText: text } = now
  if (isFinal(status) && !isSent(now)) throw new TransferEnded(fileTransferId, status, text)
}
