import { addSeconds } from '../duration.js'
import { failureReasons, uploadFailed } from './failure.js'
import { remind } from './reminders.js'
import {
  attemptsInUse,
  DEADLINE_KINDS,
  type Deadline,
  type Fact,
  type FileTransfer,
  findDeadline,
  releaseOf,
} from './state.js'

/**
 * The facts and the action that follow from a deadline; neither when it is not in force. `warn`: a scan is slow;
 * `checkUploadAgain`: enqueue the upload once more; `forget`: delete the transfer.
 */
export type DeadlineOutcome = { facts: Fact[]; action?: 'warn' | 'checkUploadAgain' | 'forget' }

/** Days from the purge until a transfer leaves the searches, and until it is deleted; undefined is never. */
export type Retention = { searchDays: number | undefined; metadataDays: number | undefined }

const DAY_SECONDS = 86_400

const noOutcome: DeadlineOutcome = { facts: [] }

/**
 * Applies a deadline whose time has come. Without effect when it is not in force any more. `activeUntil`: a resumable
 * upload has received bytes, and becomes idle only then.
 */
export function applyDeadline(
  transfer: FileTransfer,
  row: Omit<Deadline, 'at'>,
  retention: Retention,
  at: Date,
  activeUntil?: Date,
): DeadlineOutcome {
  const deadline = findDeadline(transfer.deadlines, row)
  if (!deadline || deadline.at > at) return noOutcome
  switch (deadline.kind) {
    case 'expire':
    case 'purge':
      return { facts: [purged(transfer, retention, at)] }
    case 'uploadIdle':
      return activeUntil && activeUntil > at
        ? { facts: [{ type: 'UploadContinued', idleAt: activeUntil, at }] }
        : { facts: [uploadFailed(transfer, failureReasons.uploadIdle, at)] }
    case 'scanOverdue':
      return { facts: [uploadFailed(transfer, failureReasons.scanOverdue, at)] }
    case 'scanWarning':
      return { facts: [], action: 'warn' }
    case 'processingOverdue':
      return { facts: [], action: 'checkUploadAgain' }
    case 'remind':
      return { facts: remind(transfer, at) }
    case 'unlist':
      return { facts: [{ type: 'Unlisted', at }] }
    case 'forget':
      return { facts: [], action: 'forget' }
  }
}

/** The purge, and when the transfer is deleted. It leaves the searches before that, or with it. */
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

/**
 * The deadlines in force that have a row: those that are due `at` this time, and the first of the others. When a row's
 * time has come, the next one is written.
 */
export function deadlinesWithRow(deadlines: Deadline[], at: Date): Deadline[] {
  const inOrder = deadlines.toSorted(byTime)
  const ahead = inOrder.findIndex((deadline) => deadline.at > at)
  return ahead === -1 ? inOrder : inOrder.slice(0, ahead + 1)
}

/** The deadlines that have a row once this one has been applied: it comes before them. */
export const deadlinesAfter = (deadlines: Deadline[], applied: Deadline, at: Date): Deadline[] =>
  deadlinesWithRow(deadlines, at).filter((deadline) => byTime(applied, deadline) < 0)

/** The order of deadlines; those of one time have one as well. */
const byTime = (one: Deadline, other: Deadline) =>
  one.at.getTime() - other.at.getTime() ||
  one.sequence - other.sequence ||
  DEADLINE_KINDS.indexOf(one.kind) - DEADLINE_KINDS.indexOf(other.kind)

/** Whether a deadline was in force and is not any more. One of a later fact than the state's last is still to come. */
export const isObsolete = (transfer: FileTransfer, deadline: Omit<Deadline, 'at'>): boolean =>
  deadline.sequence <= transfer.sequence && !findDeadline(transfer.deadlines, deadline)
