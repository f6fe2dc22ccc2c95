import type { Author } from '../../domain/fileTransfer/author.js'
import type { Fact, FileTransfer } from '../../domain/fileTransfer/state.js'
import type { Problem } from '../../domain/problems.js'
import type { Result } from '../../domain/result.js'
import { serializeByKey } from '../../lib/serializeByKey.js'
import type { Snapshot } from '../ports/fileTransfers.js'
import { type Changed, type CommitPorts, changeTransfer, createTransfer, type Decide } from './change.js'
import { resumeCommittedChanges } from './resume.js'
import { LONGEST_QUEUE_MS } from './timing.js'

/**
 * The one door through which file transfers change. Every change is decided by a pure function, committed with its
 * facts in one transaction, and has its outbox entry and the rows of its deadlines written before that, so that its
 * side effects run even if the process dies.
 */
export type TransferCommits = {
  /**
   * Changes a transfer that has been read. Answers when the commit is made and the actors whom it concerns can search
   * for it. `by` is the caller: kept with the facts, and its search rows are never deferred to a message.
   * 'FileTransferBusy': others came first for 10 s.
   */
  change<P extends Problem>(
    read: Snapshot,
    decide: Decide<P>,
    by?: Author,
  ): Promise<Result<Changed, P | 'FileTransferBusy' | 'FileTransferNotFound'>>
  /**
   * Creates a transfer. Its id is new, so that no other commit is expected to come first; 'FileTransferBusy': one did.
   */
  create(transfer: FileTransfer, facts: Fact[], by?: Author): Promise<Result<Changed, 'FileTransferBusy'>>
  /** Runs the side effects of commits whose processes died before that; returns the number of these commits. */
  resume(): Promise<number>
}

/**
 * Built once in a process: in it, changes of one transfer queue up, and each begins with the state that the one before
 * has left.
 */
export function transferCommits(ports: CommitPorts): TransferCommits {
  const inTurn = serializeByKey<Snapshot>(LONGEST_QUEUE_MS)
  return {
    change(read, decide, by) {
      const startedAt = ports.now()
      return inTurn(read.transfer.id, async (left) => {
        const isNewer = left && left.transfer.sequence > read.transfer.sequence
        const result = await changeTransfer(ports, isNewer ? left : read, decide, by, startedAt)
        return { result, leave: result.ok ? result.value.snapshot : undefined }
      })
    },
    create: (transfer, facts, by) => createTransfer(ports, transfer, facts, by),
    resume: () => resumeCommittedChanges(ports),
  }
}
