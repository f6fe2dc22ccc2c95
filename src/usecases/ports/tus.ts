import type { FileTransferId } from '../../domain/fileTransfer/state.js'
import type { Problem } from '../../domain/problems.js'
import type { TusProblem } from '../../domain/tus/problems.js'
import type { Tail, TusUpload, TusUploadId } from '../../domain/tus/upload.js'
import type { Caller } from './access.js'
import type { BlobLocation } from './blobs.js'
import type { Version } from './fileTransfers.js'

/** An upload as it was read, and the version that it is replaced at. */
export type ReadUpload = { upload: TusUpload; version: Version }

/** The records of TUS uploads. Only bytes that are recorded here count, and they are stored. */
export type TusUploads = {
  /** Undefined when there is no such upload. */
  read(transfer: FileTransferId, id: TusUploadId): Promise<ReadUpload | undefined>
  /** All uploads of a transfer. */
  ofFileTransfer(transfer: FileTransferId): Promise<ReadUpload[]>
  /** Replaces what was read at `replaced`; undefined: there must be none yet. 'conflict': another was first. */
  save(transfer: FileTransferId, upload: TusUpload, replaced: Version | undefined): Promise<Version | 'conflict'>
  /** 'conflict' when it is not the one that was read. */
  remove(transfer: FileTransferId, id: TusUploadId, read: Version): Promise<'removed' | 'conflict'>
}

/**
 * A request with bytes, which began to arrive at `since`: they still arrive, have all been received, or are not
 * needed any more.
 */
export type RequestProgress = { since: Date; state: () => 'receiving' | 'received' | 'abandoned' }

/** Files made of blocks. No block is visible before the commit. */
export type BlockStore = {
  /** Stores a block; idempotent. A busy storage is retried with back-off, for as long as the request allows. */
  stage(location: BlobLocation, blockId: string, bytes: Uint8Array, request: RequestProgress): Promise<void>
  /**
   * Commits these blocks, in this order, as the file, and returns its ETag. Repeated, it returns the ETag of the
   * existing file, if that has the same length.
   * @throws when a block is missing, or another file is there.
   */
  commit(
    location: BlobLocation,
    blockIds: string[],
    file: { sizeBytes: number; md5: string | undefined },
  ): Promise<string>
  /** Removes all blocks that were staged and never committed, and all tails. A file that was committed stays. */
  discard(location: BlobLocation): Promise<void>
  /** Stores bytes that are no block yet. A name is used once. */
  writeTail(location: BlobLocation, name: string, bytes: Uint8Array): Promise<void>
  /** @throws when there is none. */
  readTail(location: BlobLocation, tail: Tail): Promise<Uint8Array>
  /** Removes the tail, if it is there. */
  removeTail(location: BlobLocation, name: string): Promise<void>
}

/** A digest whose state can be saved half-way, and continued in another process. */
export type RunningDigest = {
  update(bytes: Uint8Array): void
  /** The state, as a text. */
  save(): string
  /** Lower-case hex digits. Nothing can be added after it. */
  digest(): string
}

/** The algorithms of `Upload-Checksum`. */
export const CHECKSUMS = ['md5', 'sha1', 'sha256'] as const
/** The checksum that a client sends with its bytes. `digest` is base64. */
export type Checksum = { algorithm: (typeof CHECKSUMS)[number]; digest: string }

/** Digests of whole files, and the checksums that clients send. */
export type Hashing = {
  /**
   * Starts a digest, or continues it from a saved state.
   * @throws when the state cannot be read: it was made by another version.
   */
  runningMd5(state?: string): Promise<RunningDigest>
  runningSha256(state?: string): Promise<RunningDigest>
  /** Starts a digest whose state cannot be saved: it is faster. */
  md5(): Omit<RunningDigest, 'save'>
  sha256(): Omit<RunningDigest, 'save'>
  /** Adds bytes; `isMet`: they have the expected checksum. */
  checksum(expected: Checksum): { update(bytes: Uint8Array): void; isMet(): boolean }
}

/** The holder of a token. One that has expired is still accepted for an upload that began before (spec 6.8). */
export type TusCaller = Caller & { isExpired: boolean }

/** Why a TUS request is refused: by Broker, by the protocol, or since its token has expired. */
export type TusRefusal = Problem | TusProblem | 'TokenExpired'

/**
 * The upload to create: the whole file, or a part that is sent concurrently with others. `metadata` is the header as it
 * came.
 */
export type Creation = { kind: 'whole' | 'part'; lengthBytes: number; metadata: string | undefined }

/** The parts to join into the file, in this order. */
export type Concatenation = { order: TusUploadId[]; metadata: string | undefined }

/**
 * Bytes as they arrive, and how many there will be if the client has declared it. With a checksum all of them count, or
 * none.
 */
export type Incoming = {
  body: AsyncIterable<Uint8Array>
  checksum: Checksum | undefined
  declaredBytes: number | undefined
}

/** Bytes to store from this offset on. */
export type Append = Incoming & { offset: number }
