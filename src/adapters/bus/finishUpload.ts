import { z } from 'zod'
import type { FinishUploadMessage, Messages } from '../../usecases/ports/messages.js'
import { jsonMessage, type Send } from './send.js'

/** A resumable upload to be finished, if it is complete. */
export const finishUploadMessage = z.object({
  work: z.literal('finishUpload'),
  fileTransferId: z.guid(),
  attemptId: z.guid(),
})

const finishUploadId = ({ fileTransferId, attemptId }: FinishUploadMessage, at: Date) =>
  `${fileTransferId}-finish-${attemptId}-${at.getTime()}`

/** Enqueues the finishing of a resumable upload, for this time. */
export const finishUpload =
  (send: Send): Messages['finishUpload'] =>
  ({ fileTransferId, attemptId }, at) => {
    const messageId = finishUploadId({ fileTransferId, attemptId }, at)
    return send('due', [jsonMessage(messageId, { work: 'finishUpload', fileTransferId, attemptId }, at)])
  }
