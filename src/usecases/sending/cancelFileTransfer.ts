import { authorOf } from '../../domain/fileTransfer/author.js'
import { cancel } from '../../domain/fileTransfer/cancel.js'
import type { FileTransferId } from '../../domain/fileTransfer/state.js'
import { err, ok } from '../../domain/result.js'
import { canActAsSender } from '../access.js'
import type { TransferCommits } from '../commit/transferCommits.js'
import type { AccessPolicy, Caller } from '../ports/access.js'

type Deps = { commits: TransferCommits; access: AccessPolicy }

/** The sender cancels a transfer before it is published; what was uploaded is deleted. Idempotent. */
export const cancelFileTransfer =
  ({ commits, access }: Deps) =>
  async (caller: Caller, id: FileTransferId) => {
    const found = await commits.readRecent(id)
    if (!found) return err('FileTransferNotFound')
    if (!(await canActAsSender(access, caller, found.transfer))) return err('NoAccessToResource')
    const cancelled = await commits.change(found, cancel, authorOf(caller))
    return cancelled.ok ? ok(undefined) : cancelled
  }
