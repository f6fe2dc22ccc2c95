import { z } from 'zod'
import type { FactPointer, Messages } from '../../usecases/ports/messages.js'
import { jsonMessage, type Send } from './send.js'

/** The search rows of a transfer with many recipients to be written. */
export const projectSearchMessage = z.object({
  work: z.literal('projectSearch'),
  fileTransferId: z.guid(),
  sequence: z.int(),
})

const projectSearchId = ({ fileTransferId, sequence }: FactPointer) => `${fileTransferId}-project-${sequence}`

/** Enqueues the writing of a transfer's search rows, once for each change. */
export const project =
  (send: Send): Messages['project'] =>
  (fileTransferId, sequence) => {
    const messageId = projectSearchId({ fileTransferId, sequence })
    return send('due', [jsonMessage(messageId, { work: 'projectSearch', fileTransferId, sequence })])
  }
