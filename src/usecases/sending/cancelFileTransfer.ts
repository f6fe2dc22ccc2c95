import { authorOf } from '../../domain/author.js'
import { cancel } from '../../domain/fileTransfer/cancel.js'
import type { FileTransferId } from '../../domain/fileTransfer/state.js'
import { err, ok } from '../../domain/result.js'
import { canActAsSender } from '../access.js'
import type { TransferCommits } from '../commit/transferCommits.js'
import type { AccessPolicy, Caller } from '../ports/access.js'

type Deps = { commits: TransferCommits; access: AccessPolicy }

/**
 * The sender cancels a transfer, or withdraws one that is published, for a reason; what was uploaded is deleted.
 * Idempotent: the first reason stays.
 */
export const cancelFileTransfer =
  ({ commits, access }: Deps) =>
  async (caller: Caller, id: FileTransferId, reason?: string) => {
    const found = await commits.readRecent(id)
    if (!found) return err('FileTransferNotFound')
    if (!(await canActAsSender(access, caller, found.transfer))) return err('NoAccessToResource')
    const cancelled = await commits.change(found, (transfer, at) => cancel(transfer, at, reason), authorOf(caller))
    return cancelled.ok ? ok(undefined) : cancelled
  }
