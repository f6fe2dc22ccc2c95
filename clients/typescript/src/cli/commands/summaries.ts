import { BrokerProblem } from '../../calls/problem.js'
import type { BrokerClient } from '../../client.js'
import type { FileTransferOverview, FileTransferSummary, ListSearch, RecipientStatus } from '../../wire/types.js'

/** All pages of a list. A Broker without this operation, such as Altinn's own, is asked for each file transfer. */
export async function* summaries(broker: BrokerClient, search: ListSearch, limit: number, signal: AbortSignal) {
  try {
    let continuation: string | undefined
    do {
      const page = await broker.listFileTransfers({ ...search, limit, continuation }, { signal })
      yield* page.fileTransfers
      continuation = page.continuation
    } while (continuation !== undefined)
  } catch (error) {
    const isUnknown = error instanceof BrokerProblem && error.status === 404 && error.code === undefined
    if (!isUnknown) throw error
    for await (const id of broker.searchFileTransfers(search, { signal }))
      yield summaryOf(await broker.getFileTransfer(id, { signal }))
  }
}

function summaryOf(transfer: FileTransferOverview): FileTransferSummary {
  const { fileTransferId, resourceId, fileName, sendersFileTransferReference, sender, recipients } = transfer
  const { fileTransferSize, fileTransferStatus, created, expirationTime } = transfer
  const counted = (status: RecipientStatus) =>
    recipients.filter((each) => each.currentRecipientFileTransferStatusCode === status).length
  return {
    ...{ fileTransferId, resourceId, fileName, sendersFileTransferReference, sender },
    ...{ fileTransferSize, fileTransferStatus, created, expirationTime },
    recipients: {
      total: recipients.length,
      downloading: counted('DownloadStarted'),
      confirmed: counted('DownloadConfirmed'),
      first: recipients.slice(0, 3).map(({ recipient }) => recipient),
    },
  }
}
