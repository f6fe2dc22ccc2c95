import { z } from 'zod'
import type { DeferredWork } from '../../usecases/ports/messages.js'
import { deadline } from './deadline.js'
import { finishUploadMessage } from './finishUpload.js'
import { projectSearchMessage } from './projectSearch.js'
import { removeFileTransferMessage } from './removeFileTransfer.js'

/** What the queue `due` carries. */
export const deferredWork: z.ZodType<DeferredWork> = z.discriminatedUnion('work', [
  deadline,
  finishUploadMessage,
  projectSearchMessage,
  removeFileTransferMessage,
])
