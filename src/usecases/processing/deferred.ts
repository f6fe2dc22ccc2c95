import { removeFileTransfer } from '../operating/removeFileTransfers.js'
import type { DeferredWork } from '../ports/messages.js'
import { finishUpload } from '../sending/tus/finishUpload.js'
import { type ApplyDeps, applyDeadline } from './deadlines.js'
import { projectSearch } from './projectSearch.js'

/** Does deferred work. Throws to have the message redelivered. */
export const doDeferredWork =
  (deps: ApplyDeps) =>
  (deferred: DeferredWork): Promise<void> => {
    switch (deferred.work) {
      case 'meetDeadline':
        return applyDeadline(deps)(deferred.row)
      case 'finishUpload':
        return finishUpload(deps)(deferred)
      case 'projectSearch':
        return projectSearch(deps)(deferred)
      case 'removeFileTransfer':
        return removeFileTransfer(deps)(deferred)
    }
  }
