import type { Deadline, FileTransferId } from '../../domain/fileTransfer/state.js'

/** One try to change a transfer: its id, and the sequence number of the first fact that it would write. */
export type OutboxEntry = { changeId: string; fileTransferId: FileTransferId; first: number }

/** The changes under way: written before a commit, removed when all that follows from it is done. */
export type Outbox = {
  add(mark: OutboxEntry): Promise<void>
  remove(mark: OutboxEntry): Promise<void>
  /** All marks, with the time they were written. */
  all(): AsyncIterable<OutboxEntry & { since: Date }>
}

/** A deadline as it waits for its time. It stays until it is removed, and comes back, later each time, as long as it is not. */
export type DueRow = Omit<Deadline, 'at'> & { fileTransferId: FileTransferId; at: Date; tries: number; since: Date }

export type DueDeadlines = {
  add(id: FileTransferId, deadlines: Deadline[]): Promise<void>
  remove(id: FileTransferId, deadlines: Deadline[]): Promise<void>
  /** Those whose time has come, hour by hour, in no order within an hour. */
  until(time: Date): AsyncIterable<DueRow>
  /** Counts one more try and lets the row rest until then. */
  postpone(row: DueRow, notBefore: Date): Promise<void>
}
