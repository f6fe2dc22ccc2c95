import type { FileTransferId } from '../../domain/fileTransfer/state.js'
import type { Problem } from '../../domain/problems.js'
import type { TusProblem } from '../../domain/tus/problems.js'
import type { Tail, TusUpload, TusUploadId } from '../../domain/tus/upload.js'
import type { Caller } from './access.js'
import type { BlobLocation } from './blobs.js'
import type { Version } from './fileTransfers.js'

/** An upload as it was read, and the version that it is replaced at. */
export type ReadUpload = { upload: TusUpload; version: Version }

/** The TUS uploads of file transfers. What is recorded here is stored, and is all that counts. */
export type TusUploads = {
  read(transfer: FileTransferId, id: TusUploadId): Promise<ReadUpload | undefined>
  /** All uploads of a transfer. */
  ofFileTransfer(transfer: FileTransferId): Promise<ReadUpload[]>
  /** Replaces what was read at `replaced`; undefined: there must be none yet. 'conflict': another was first. */
  save(transfer: FileTransferId, upload: TusUpload, replaced: Version | undefined): Promise<Version | 'conflict'>
  /** 'conflict' when it is not the one that was read. */
  remove(transfer: FileTransferId, id: TusUploadId, read: Version): Promise<'removed' | 'conflict'>
}

/** A request that brings bytes, which began to come at `since`: they still come, are all here, or nobody waits for them any more. */
export type RequestProgress = { since: Date; state: () => 'receiving' | 'received' | 'abandoned' }

/** Files that are put together from blocks. Blocks are seen by nobody before the commit. */
export type BlockStore = {
  /** Stores a block; staged twice it is the same. A storage that is busy is tried again, within limits, as the request allows. */
  stage(place: BlobLocation, blockId: string, bytes: Uint8Array, request: RequestProgress): Promise<void>
  /**
   * Makes the file of these blocks, in this order; tells its ETag. Repeated, it tells the ETag of the file that is there, if that is as long.
   * @throws when a block is missing, or another file is there.
   */
  commit(place: BlobLocation, blockIds: string[], file: { sizeBytes: number; md5: string | undefined }): Promise<string>
  /** Takes away all blocks that were staged and never committed, and all tails. A file that was committed stays. */
  discard(place: BlobLocation): Promise<void>
  /** Keeps bytes that are no block yet. A name is used once. */
  writeTail(place: BlobLocation, name: string, bytes: Uint8Array): Promise<void>
  /** @throws when there is none. */
  readTail(place: BlobLocation, tail: Tail): Promise<Uint8Array>
  removeTail(place: BlobLocation, name: string): Promise<void>
}

/** An MD5 that can be laid aside half-way and taken up again elsewhere. */
export type RunningMd5 = {
  update(bytes: Uint8Array): void
  /** The state so far, as a text. */
  save(): string
  /** 32 lower-case hex digits. Nothing can be added after it. */
  digest(): string
}

export const CHECKSUMS = ['md5', 'sha1', 'sha256'] as const
/** A checksum that the client sends along with bytes. `digest` is base64. */
export type Checksum = { algorithm: (typeof CHECKSUMS)[number]; digest: string }

export type Hashing = {
  /** @throws when the state cannot be read: it was made by another version. */
  runningMd5(state?: string): Promise<RunningMd5>
  /** Adds bytes, and tells in the end whether they are those that were promised. */
  checksum(expected: Checksum): { update(bytes: Uint8Array): void; isMet(): boolean }
}

/** Whoever holds the token. A token whose time is over still counts for an upload that began before that (spec 6.8). */
export type TusCaller = Caller & { isExpired: boolean }

export type TusRefusal = Problem | TusProblem | 'TokenExpired'

/** What is to be created: the whole file, or a part of it that is sent beside others. `metadata` is the header as it was given. */
export type Creation = { kind: 'whole' | 'part'; lengthBytes: number; metadata: string | undefined }

/** Parts to be joined into the file, in this order. */
export type Concatenation = { order: TusUploadId[]; metadata: string | undefined }

/** Bytes as they come, and how many there will be if the client has said so. With a checksum they are kept as a whole or not at all. */
export type Incoming = {
  body: AsyncIterable<Uint8Array>
  checksum: Checksum | undefined
  declaredBytes: number | undefined
}

/** Bytes that go behind the first `offset`. */
export type Append = Incoming & { offset: number }
