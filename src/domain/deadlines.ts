import { type Deadline, type Fact, type FileTransfer, heldAttempts } from './fileTransfer.js'
import { failed, reasons } from './upload.js'

/** What to do about a deadline: the facts that follow, a warning, or have the upload looked at again; nothing when it no longer holds. */
export type DeadlineOutcome = { facts: Fact[]; also?: 'warn' | 'checkUploadAgain' }

const nothing: DeadlineOutcome = { facts: [] }

/** What follows when a deadline has come. One that has been met, moved or replaced is no longer in the state, and nothing follows. */
export function meetDeadline(
  transfer: FileTransfer,
  { kind, sequence }: Omit<Deadline, 'at'>,
  at: Date,
): DeadlineOutcome {
  const deadline = transfer.deadlines.find((each) => each.kind === kind && each.sequence === sequence)
  if (!deadline || deadline.at > at) return nothing
  switch (kind) {
    case 'expire':
    case 'purge':
      return { facts: [{ type: 'Purged', released: heldAttempts(transfer), at }] }
    case 'uploadIdle':
      return { facts: [failed(transfer, reasons.uploadIdle, at)] }
    case 'scanOverdue':
      return { facts: [failed(transfer, reasons.scanOverdue, at)] }
    case 'scanWarning':
      return { facts: [], also: 'warn' }
    case 'processingOverdue':
      return { facts: [], also: 'checkUploadAgain' }
  }
}

/** Whether this deadline may be forgotten: it was set by a fact that is there, and it is not in force any more. */
export const isSettled = (transfer: FileTransfer, { kind, sequence }: Omit<Deadline, 'at'>): boolean =>
  sequence <= transfer.sequence && !transfer.deadlines.some((each) => each.kind === kind && each.sequence === sequence)
