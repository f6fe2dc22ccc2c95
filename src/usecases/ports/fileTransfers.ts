import type { Fact, FileTransfer, FileTransferId } from '../../domain/fileTransfer/state.js'

/** The version of a state that was read; a commit names the one that it replaces. */
export type Version = string

/**
 * A file transfer as it was read, and the version that a commit replaces. `mayBeStale`: it was read some seconds ago, and
 * what is refused on it is to be decided again on a fresh one.
 */
export type Snapshot = { transfer: FileTransfer; version: Version; mayBeStale?: true }

/** Reads file transfers. They change by `commit/transferCommits.ts` alone. */
export type FileTransferReader = {
  /** Undefined when there is no such transfer. */
  read(id: FileTransferId): Promise<Snapshot | undefined>
  /**
   * The state now, and the facts from sequence number `first` on, each with the change that wrote it. All facts when
   * `first` is 1.
   */
  readFacts(id: FileTransferId, first: number): Promise<{ transfer: FileTransfer; facts: RecordedFact[] } | undefined>
  /** The state now, and the facts with these numbers, which are those of one change; undefined unless all are there. */
  readThese(
    id: FileTransferId,
    sequences: number[],
  ): Promise<{ transfer: FileTransfer; facts: RecordedFact[] } | undefined>
  /** All facts in order, read page by page as they are needed. */
  facts(id: FileTransferId): AsyncIterable<RecordedFact>
}

/** The state of each file transfer under optimistic concurrency, with the facts that led to it. */
export type FileTransferStore = FileTransferReader & {
  /**
   * Saves state and facts as one, or nothing. `replaced` undefined: there must be no such transfer yet. 'conflict':
   * another was first.
   */
  commit(
    next: FileTransfer,
    facts: Fact[],
    changeId: string,
    replaced: Version | undefined,
  ): Promise<Version | 'conflict'>
  /** The change that wrote this fact; undefined when there is none. */
  changeIdAt(id: FileTransferId, sequence: number): Promise<string | undefined>
}

/** Removes transfers from the store, as nothing else does. */
export type FileTransferRemoval = {
  /**
   * The transfers of a resource that were created before this time, in no order. For maintenance: it reads all that is
   * stored.
   */
  ofResource(resourceId: string, createdBefore: Date): AsyncIterable<FileTransferId>
  /**
   * Removes state and facts; 'conflict' when the state is not the one that was read. Without a state it removes what an
   * earlier removal has left behind.
   */
  remove(id: FileTransferId, read: Version | undefined): Promise<'removed' | 'conflict'>
}

/** A fact, its number within the transfer (from 1, without gaps), and the change whose commit wrote it. */
export type RecordedFact = { sequence: number; changeId: string; fact: Fact }
