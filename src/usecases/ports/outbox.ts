import type { Deadline, FileTransferId } from '../../domain/fileTransfer/state.js'
import type { SearchActor } from '../../domain/projections/search.js'

/**
 * One attempt to change a transfer: its id, and the sequence number of the first fact that it would write. `searchers`:
 * their search rows are written beside the commit, and removed when that never comes.
 */
export type OutboxEntry = {
  changeId: string
  fileTransferId: FileTransferId
  first: number
  searchers?: SearchActor[] | undefined
}

/**
 * The changes under way: an entry is written before its commit, together with the rows of the deadlines that the commit
 * sets, and removed when all side effects have run.
 */
export type Outbox = {
  /** Writes the entry and a row for each deadline, as one. Repeated, it replaces them. */
  add(entry: OutboxEntry, deadlines: Deadline[]): Promise<void>
  /** Removes the entry and the rows of these deadlines, where they are there. */
  remove(entry: OutboxEntry, obsolete: Deadline[]): Promise<void>
  /** All entries, with the times at which they were written. */
  all(): AsyncIterable<OutboxEntry & { since: Date }>
}

/** The row of a deadline. It stays until it is removed; as long as it does it is enqueued again, with back-off. */
export type DueRow = Omit<Deadline, 'at'> & { fileTransferId: FileTransferId; at: Date; tries: number; since: Date }

/** The rows of deadlines: those of a transfer that are due, and the first of the others. */
export type DueDeadlines = {
  /** Removes the rows of some deadlines, where they are there, and writes those of others, in place of earlier ones. */
  replace(id: FileTransferId, gone: Deadline[], next: Deadline[]): Promise<void>
  /** Those whose time has come, in no order. */
  dueBy(time: Date): AsyncIterable<DueRow>
  /** Those that were due before this time and still have a row, whatever their retries; in no order. */
  overdue(before: Date): AsyncIterable<DueRow>
  /** Counts one more try; the row is not due again before this time. */
  scheduleRetry(row: DueRow, notBefore: Date): Promise<void>
}
