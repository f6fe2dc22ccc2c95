import { BrokerProblem } from '../../calls/problem.js'
import type { BrokerClient } from '../../client.js'
import type { FileTransferGroup } from '../../wire/types.js'

/** Confirms all files of a group. @throws a refusal that names the file which is missing. */
export async function confirmGroup(
  broker: BrokerClient,
  { fileTransferGroupId, fileTransfers }: FileTransferGroup,
  signal: AbortSignal,
): Promise<FileTransferGroup> {
  return broker.confirmGroup(fileTransferGroupId, { signal }).catch((error: unknown) => {
    if (!(error instanceof BrokerProblem)) throw error
    const file = fileTransfers.find(({ fileTransferId }) => fileTransferId === error.fileTransferId)
    throw file
      ? Object.assign(error, { message: `${file.fileName} (${file.fileTransferId}): ${error.message}` })
      : error
  })
}
