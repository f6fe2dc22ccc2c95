import { addSeconds } from '../duration.js'
import { failureReasons, uploadFailed } from './failure.js'
import { attemptsInUse, type Deadline, type Fact, type FileTransfer, findDeadline, releaseOf } from './state.js'

/** What to do about a deadline: the facts that follow, a warning, or have the upload looked at again, or have all of it removed; nothing when it no longer holds. */
export type DeadlineOutcome = { facts: Fact[]; action?: 'warn' | 'checkUploadAgain' | 'forget' }

/** How many days a transfer is found by searches, and kept at all, after it was purged; undefined: for ever. */
export type Retention = { searchDays: number | undefined; metadataDays: number | undefined }

const DAY_SECONDS = 86_400

const nothing: DeadlineOutcome = { facts: [] }

/**
 * What follows when a deadline has come. One that has been met, moved or replaced is no longer in the state, and nothing follows. `aliveUntil`:
 * for so long an upload that comes in several requests is waited for, by its last byte.
 */
export function applyDeadline(
  transfer: FileTransfer,
  row: Omit<Deadline, 'at'>,
  retention: Retention,
  at: Date,
  aliveUntil?: Date,
): DeadlineOutcome {
  const deadline = findDeadline(transfer.deadlines, row)
  if (!deadline || deadline.at > at) return nothing
  switch (deadline.kind) {
    case 'expire':
    case 'purge':
      return { facts: [purged(transfer, retention, at)] }
    case 'uploadIdle':
      return aliveUntil && aliveUntil > at
        ? { facts: [{ type: 'UploadContinued', idleAt: aliveUntil, at }] }
        : { facts: [uploadFailed(transfer, failureReasons.uploadIdle, at)] }
    case 'scanOverdue':
      return { facts: [uploadFailed(transfer, failureReasons.scanOverdue, at)] }
    case 'scanWarning':
      return { facts: [], action: 'warn' }
    case 'processingOverdue':
      return { facts: [], action: 'checkUploadAgain' }
    case 'unlist':
      return { facts: [{ type: 'Unlisted', at }] }
    case 'forget':
      return { facts: [], action: 'forget' }
  }
}

/** The end of a transfer, and the times when it leaves the searches and the store. One that is forgotten before need not leave the searches first. */
function purged(transfer: FileTransfer, { searchDays, metadataDays }: Retention, at: Date): Fact {
  const unlistAt = searchDays === undefined ? undefined : addSeconds(at, searchDays * DAY_SECONDS)
  const forgetAt = metadataDays === undefined ? undefined : addSeconds(at, metadataDays * DAY_SECONDS)
  const isUnlistedFirst = unlistAt && (!forgetAt || unlistAt < forgetAt)
  return {
    type: 'Purged',
    ...releaseOf(transfer, attemptsInUse(transfer)),
    ...(isUnlistedFirst && { unlistAt }),
    ...(forgetAt && { forgetAt }),
    at,
  }
}

/** Whether this deadline may be forgotten: it was set by a fact that is there, and it is not in force any more. */
export const isObsolete = (transfer: FileTransfer, deadline: Omit<Deadline, 'at'>): boolean =>
  deadline.sequence <= transfer.sequence && !findDeadline(transfer.deadlines, deadline)
