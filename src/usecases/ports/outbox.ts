import type { Deadline, FileTransferId } from '../../domain/fileTransfer/state.js'

/** One attempt to change a transfer: its id, and the sequence number of the first fact that it would write. */
export type OutboxEntry = { changeId: string; fileTransferId: FileTransferId; first: number }

/** The changes under way: an entry is written before its commit, and removed when all side effects have run. */
export type Outbox = {
  /** Repeated, it replaces the entry. */
  add(entry: OutboxEntry): Promise<void>
  /** Removes the entry, if it is there. */
  remove(entry: OutboxEntry): Promise<void>
  /** All entries, with the times at which they were written. */
  all(): AsyncIterable<OutboxEntry & { since: Date }>
}

/** The row of a deadline. It stays until it is removed; as long as it does it is enqueued again, with back-off. */
export type DueRow = Omit<Deadline, 'at'> & { fileTransferId: FileTransferId; at: Date; tries: number; since: Date }

/** The rows of all deadlines in force, written before the commits that set them. */
export type DueDeadlines = {
  /** Writes a row for each; repeated, it replaces the row. */
  add(id: FileTransferId, deadlines: Deadline[]): Promise<void>
  /** Removes the rows of these, where there are any. */
  remove(id: FileTransferId, deadlines: Deadline[]): Promise<void>
  /** Those whose time has come, hour by hour, in no order within an hour. */
  dueBy(time: Date): AsyncIterable<DueRow>
  /** Counts one more try; the row is not due again before this time. */
  scheduleRetry(row: DueRow, notBefore: Date): Promise<void>
}
