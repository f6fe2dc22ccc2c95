import type { FileTransferId } from '../../domain/fileTransfer/state.js'
import type { Backup, BackupPlan, TablePart } from '../../domain/operating/backup.js'

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
