import { z } from 'zod'
import type { CheckUploadMessage, Messages } from '../../usecases/ports/messages.js'
import { jsonMessage, repeatedId, type Send } from './send.js'

/** An upload to be hashed where that is needed, and published where no scan is asked for. */
export const checkUploadMessage: z.ZodType<CheckUploadMessage> = z.object({
  fileTransferId: z.guid(),
  attemptId: z.guid(),
  sequence: z.int(),
  read: z.object({ bytes: z.int(), md5State: z.string(), sha256State: z.string().optional() }).optional(),
  again: z.int().optional(),
})

/** A long file is read by several messages: the id says how far those before have read, and in which check of it. */
export const checkUploadId = ({ fileTransferId, sequence, read, again }: CheckUploadMessage): string =>
  repeatedId(`${fileTransferId}-${sequence}${read ? `-from${read.bytes}` : ''}`, again)

/** Enqueues the check of an uploaded file. */
export const checkUpload =
  (send: Send): Messages['checkUpload'] =>
  (message) =>
    send('uploadProcessing', [jsonMessage(checkUploadId(message), message)])
