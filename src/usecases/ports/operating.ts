import type { FileTransferId } from '../../domain/fileTransfer/state.js'
import type { Backup, BackupPlan, TablePart } from '../../domain/operating/backup.js'
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

/** A row as its table holds it. A value whose type JSON does not tell is `{ type, value }`, as in the Table service. */
export type StoredRow = { partitionKey: string; rowKey: string; [column: string]: unknown }

/** The rows of the tables as they are stored. */
export type TableRows = {
  /**
   * The rows of a part written since this time, or all, in the order of their keys. Of each change of a file transfer
   * all rows, or none.
   */
  writtenSince(part: TablePart, since: Date | undefined): AsyncIterable<StoredRow>
  /**
   * Adds those of these rows of one partition, at most 100, that are not there; the others stay as they are. Returns
   * how many it added.
   */
  addMissing(table: string, rows: StoredRow[]): Promise<number>
  /** Whether the table has no row at all. */
  isEmpty(table: string): Promise<boolean>
  /** Every file transfer that has a row, once. It reads all keys. */
  fileTransferIds(): AsyncIterable<FileTransferId>
}

/** What a complete backup consists of. */
export type BackupManifest = Backup &
  BackupPlan & { finishedAt: Date; parts: { name: string; table: string; rows: number }[] }

/** Backups, each a set of blobs that are written once; it is complete when it has its manifest. */
export type BackupStore = {
  /** The complete ones, oldest first. */
  list(): Promise<Backup[]>
  /** @throws when the backup is not complete. */
  manifestOf(backup: Backup): Promise<BackupManifest>
  /** Writes the rows of a part as they come, and nothing when there are none. Returns how many there were. */
  write(backupId: string, part: string, rows: AsyncIterable<StoredRow>): Promise<number>
  /** Completes a backup with its manifest. */
  complete(manifest: BackupManifest): Promise<void>
  /** The rows of a part. @throws when they are not as many as the manifest says. */
  read(backup: BackupManifest, part: string): AsyncIterable<StoredRow>
}
