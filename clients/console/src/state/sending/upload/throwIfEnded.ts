import { type RetryPolicy, withRetry } from '../../../../../typescript/src/calls/retry.js'
import { type BrokerClient, type FileTransferOverview, TransferEnded } from '../../../../../typescript/src/index.js'
import { isFinal, isSent } from '../../../../../typescript/src/wire/statuses.js'

/** The file transfer. One that was cancelled elsewhere, or has failed, would be sent anew. @throws TransferEnded */
export async function throwIfEnded(
  broker: Pick<BrokerClient, 'getFileTransfer'>,
  fileTransferId: string,
  patience: RetryPolicy,
  signal: AbortSignal,
): Promise<FileTransferOverview> {
  const look = () => broker.getFileTransfer(fileTransferId, { signal })
  const now = await withRetry(look, patience, signal)
  const { fileTransferStatus: status, fileTransferStatusText: text } = now
  if (isFinal(status) && !isSent(now)) throw new TransferEnded(fileTransferId, status, text)
  return now
}
