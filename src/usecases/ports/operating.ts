import type { FileTransferId } from '../../domain/fileTransfer/state.js'
import type { NightlyRun } from '../../domain/operating/nightlyRun.js'
import type { Version } from './fileTransfers.js'

/** When nightly tasks ran, each by its name; and when the tables were restored. */
export type NightlyRuns = {
  /** What is known of a task, and the version it was read at; undefined: it is new. */
  read(task: string): Promise<{ run: NightlyRun; version: Version } | undefined>
  /** Replaces what was read at this version (undefined: nothing). The new version, or 'conflict': another was first. */
  save(task: string, run: NightlyRun, replaced: Version | undefined): Promise<Version | 'conflict'>
}

/** A dead letter, without its content. */
export type DeadLetter = {
  messageId: string
  enqueuedAt: Date
  reason: string
  tries: number
  fileTransferId: FileTransferId | undefined
}

/** The dead letters of the queues and subscriptions, by the names of these. */
export type DeadLetters = {
  entities: readonly string[]
  /** The oldest dead letters, up to `limit`; they stay where they are. */
  peek(entity: string, limit: number): Promise<DeadLetter[]>
  /**
   * Sends the oldest again, up to `limit` and none that came after `until`, to where they came from and with no try
   * counted; then removes them. Returns how many, and whether none is left. One that could not be removed has the same
   * id when it is sent again. With `isWanted` only those of them are sent, and the others stay.
   */
  replay(
    entity: string,
    limit: number,
    until: Date,
    isWanted?: (letter: DeadLetter) => boolean,
  ): Promise<{ replayed: number; isEmpty: boolean }>
}
