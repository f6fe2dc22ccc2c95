import type { Author } from '../../domain/author.js'
import { type Fact, type FileTransfer, type FileTransferId, recipientsOf } from '../../domain/fileTransfer/state.js'
import type { Problem } from '../../domain/problems.js'
import type { Result } from '../../domain/result.js'
import { expiringCache } from '../../lib/expiringCache.js'
import { serializeByKey } from '../../lib/serializeByKey.js'
import type { SharedWaits } from '../../lib/sharedWaits.js'
import type { Snapshot } from '../ports/fileTransfers.js'
import type { SearchIndex } from '../ports/search.js'
import { type Changed, type CommitPorts, changeTransfer, createTransfer, type Decide } from './change.js'
import { joinedProjections } from './joinedProjections.js'
import { resumeCommittedChanges } from './resume.js'
import { LONGEST_QUEUE_MS } from './timing.js'
import { transferKey } from './waits.js'

/** How long a snapshot is taken for the state that a change begins with. */
const RECENT_MS = 5000
/** Bounds the memory that these take: a state of a thousand recipients has 100 KB. */
const MOST_RECENT_RECIPIENTS = 50_000

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
   * Changes a transfer at the beginning of a request that changes it again before it is answered: as `change`, but the
   * search rows are written in the background, or with those of the next change if that comes soon.
   */
  begin: TransferCommits['change']
  /** Creates a transfer with an id that nobody else knows. */
  create(transfer: FileTransfer, facts: Fact[], by?: Author): Promise<Result<Changed, 'FileTransferBusy'>>
  /** Creates a transfer with an id that others may create it with, too; 'FileTransferBusy': they have. */
  createOnce: TransferCommits['create']
  /** The transfer as this process saw it in the last seconds: a change may begin with it. */
  recent(id: FileTransferId): Snapshot | undefined
  /** The recent one; where there is none, it is read. */
  readRecent(id: FileTransferId): Promise<Snapshot | undefined>
  /** Those who wait in this process. */
  waits: SharedWaits
  /** Runs the side effects of commits whose processes died before that; returns the number of these commits. */
  resume(): Promise<number>
}

/**
 * Built once in a process: in it, changes of one transfer queue up, and each begins with the state that the one before
 * has left.
 */
export function transferCommits(ports: CommitPorts): TransferCommits {
  const inTurn = serializeByKey<Snapshot>(LONGEST_QUEUE_MS)
  const recent = expiringCache<Snapshot>({
    ttlMs: RECENT_MS,
    maxSize: MOST_RECENT_RECIPIENTS,
    sizeCalculation: ({ transfer }) => 1 + recipientsOf(transfer).length,
    now: ports.now,
  })
  const remember = <P>(id: FileTransferId, result: Result<Changed, P>) => {
    if (result.ok) {
      recent.set(id, result.value.snapshot)
      ports.waits.offer(transferKey(id), result.value.transfer)
    } else recent.delete(id)
    return result
  }

  function recentOf(id: FileTransferId): Snapshot | undefined {
    const snapshot = recent.get(id)
    return snapshot && { ...snapshot, mayBeStale: true }
  }

  const { atOnce, waiting } = joinedProjections(ports.searchIndex)

  const changeBy =
    (searchIndex: SearchIndex): TransferCommits['change'] =>
    (read, decide, by) => {
      const { id, sequence } = read.transfer
      const startedAt = ports.now()
      return inTurn(id, async (left) => {
        const isNewer = left && left.transfer.sequence > sequence
        const from = isNewer ? left : read
        const result = remember(id, await changeTransfer({ ...ports, searchIndex }, from, decide, by, startedAt))
        if (result.ok && searchIndex === atOnce) await result.value.searchable
        return { result, leave: result.ok ? result.value.snapshot : undefined }
      })
    }

  const createBy =
    (isIdNew: boolean): TransferCommits['create'] =>
    async (transfer, facts, by) => {
      const result = remember(transfer.id, await createTransfer(ports, transfer, facts, by, isIdNew))
      if (result.ok) await result.value.searchable
      return result
    }

  return {
    change: changeBy(atOnce),
    begin: changeBy(waiting),
    create: createBy(true),
    createOnce: createBy(false),
    recent: recentOf,
    readRecent: async (id) => recentOf(id) ?? ports.transfers.read(id),
    waits: ports.waits,
    resume: () => resumeCommittedChanges(ports),
  }
}
