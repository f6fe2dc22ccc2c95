import { z } from 'zod'
import type { FileTransferId } from '../../domain/fileTransfer/state.js'
import type { Messages } from '../../usecases/ports/messages.js'
import { jsonMessage, type Send } from './send.js'

/** A file transfer to be removed. */
export const removeFileTransferMessage = z.object({ work: z.literal('removeFileTransfer'), fileTransferId: z.guid() })

const removeFileTransferId = (fileTransferId: FileTransferId, jobId: string) => `${fileTransferId}-remove-${jobId}`

/** Enqueues the removal of transfers, a message for each. */
export const removeFileTransfers =
  (send: Send): Messages['removeFileTransfers'] =>
  (ids, jobId) =>
    send(
      'due',
      ids.map((fileTransferId) =>
        jsonMessage(removeFileTransferId(fileTransferId, jobId), { work: 'removeFileTransfer', fileTransferId }),
      ),
    )
