import { authorOf } from '../../domain/fileTransfer/author.js'
import { cancel } from '../../domain/fileTransfer/cancel.js'
import type { FileTransferId } from '../../domain/fileTransfer/state.js'
import { err, ok } from '../../domain/result.js'
import { canActAsSender } from '../access.js'
import { type ChangePorts, change } from '../commit/change.js'
import type { AccessPolicy, Caller } from '../ports/access.js'

/** The sender calls a transfer off before it is published; what was uploaded is deleted. Saying it again changes nothing. */
export const cancelFileTransfer =
  (deps: ChangePorts & { access: AccessPolicy }) => async (caller: Caller, id: FileTransferId) => {
    const found = await deps.transfers.read(id)
    if (!found) return err('FileTransferNotFound')
    if (!(await canActAsSender(deps.access, caller, found.transfer))) return err('NoAccessToResource')
    const cancelled = await change(deps, found, cancel, authorOf(caller))
    return cancelled.ok ? ok(undefined) : cancelled
  }
