import { z } from 'zod'
import { deadline } from './deadline.js'
import { finishUploadMessage } from './finishUpload.js'
import { projectSearchMessage } from './projectSearch.js'
import { removeFileTransferMessage } from './removeFileTransfer.js'

/** What the queue `due` carries. */
export const deferredWork = z.discriminatedUnion('work', [
  deadline,
  finishUploadMessage,
  projectSearchMessage,
  removeFileTransferMessage,
])

export type DeferredWork = z.infer<typeof deferredWork>
