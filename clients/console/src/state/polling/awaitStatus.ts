import type { BrokerClient, FileTransferStatus } from '../../../../typescript/src/index.js'
import { isFinal, nextStatus } from '../../../../typescript/src/wire/statuses.js'

/** A look after less is as quick. */
const SHORTEST_WAIT_MS = 1000
/** The longest wait that Broker takes. */
const LONGEST_WAIT_SECONDS = 60

/** Waits in Broker, up to this time, and says whether the file transfer has another status than this one. */
export async function awaitStatus(
  broker: Pick<BrokerClient, 'getFileTransfer'>,
  { id, status }: { id: string; status: FileTransferStatus },
  ms: number,
  signal: AbortSignal,
): Promise<boolean> {
  if (isFinal(status) || ms < SHORTEST_WAIT_MS) return false
  const timeout = Math.min(LONGEST_WAIT_SECONDS, Math.ceil(ms / 1000))
  const now = await broker.getFileTransfer(id, { waitFor: nextStatus(status), timeout, signal })
  return now.fileTransferStatus !== status
}
