import type { ByteRange } from '../../domain/byteRange.js'
import type { AttemptId, Digests, FileTransferId } from '../../domain/fileTransfer/state.js'
import type { OrganizationNumber } from '../../domain/organizationNumber.js'

/** Where the file of one attempt is stored. */
export type BlobLocation = {
  isScanned: boolean
  serviceOwner: OrganizationNumber
  fileTransferId: FileTransferId
  attemptId: AttemptId
}

/** What the URL of a file says. */
export type AttemptAddress = Omit<BlobLocation, 'isScanned'>

/**
 * A listed blob. Without a `location` it is not of Broker, and the address is for the log. `tail`: it is not the file
 * of the attempt but a tail of this name, bytes that are no block yet.
 */
export type ListedBlob = {
  location: BlobLocation | undefined
  tail?: string
  address: string
  etag: string
  modifiedAt: Date
}

/** A stored file. `md5`: 32 lower-case hex digits, undefined when none was stored with it; `etag` without quotes. */
export type BlobProperties = { sizeBytes: number; md5: string | undefined; etag: string }

/** The outcome of writing. Nothing is stored unless 'stored'; 'interrupted': the sender stopped before the end. */
export type WriteOutcome =
  | { outcome: 'stored'; sizeBytes: number; md5: string; sha256: string; etag: string }
  | { outcome: 'tooLarge' | 'refused' | 'interrupted' }

/** Bytes to be read once, and to be closed unless they are read to the end. */
export type ByteSource = { bytes: AsyncIterable<Uint8Array>; close: () => void }

/** The files in Blob Storage: one blob for each attempt, in the scanned or the unscanned account. */
export type FileBlobs = {
  /** Creates the containers for the files of a service owner, unless they exist. */
  provision(serviceOwner: OrganizationNumber): Promise<void>
  /**
   * Stores a stream as it comes, of at most `maxBytes`, in blocks of a fitting size. `expectedBytes` is the declared
   * length. `accept` decides last, when the digests are known and before the file is visible.
   */
  write(
    location: BlobLocation,
    body: AsyncIterable<Uint8Array>,
    limits: { maxBytes: number; expectedBytes: number | undefined; accept: (digests: Digests) => boolean },
  ): Promise<WriteOutcome>
  /** The bytes of exactly the file with this ETag; undefined when there is no such file. */
  read(location: BlobLocation, etag: string, range: ByteRange | undefined): Promise<ByteSource | undefined>
  /** The properties of the file; undefined when there is none. */
  find(location: BlobLocation): Promise<BlobProperties | undefined>
  /** Deletes the blob, or only the one with this ETag; nothing if there is none. */
  remove(location: BlobLocation, etag?: string): Promise<void>
  /** Every blob of every service owner, those of one transfer after each other. */
  list(): AsyncIterable<ListedBlob>
  /** The attempt whose file has this address, if it is one of ours in the scanned account. */
  attemptAt(url: string): AttemptAddress | undefined
}

/**
 * A link to send the bytes of a file to, and the headers to send with them. `mayReplace`: the storage lets it replace a
 * file that is there.
 */
export type LinkToUpload = { url: string; headers: Record<string, string>; mayReplace: boolean }

/** Links to files in the storage. Anyone who has a link can use it, so links are never logged and never kept. */
export type FileLinks = {
  /** Valid until this time, for storing one file at this location and for nothing else. */
  toUpload(location: BlobLocation, until: Date): Promise<LinkToUpload>
  /** Valid until this time, for reading the file at this location; it is sent as an attachment of this name. */
  toDownload(location: BlobLocation, file: { fileName: string; until: Date }): Promise<string>
}

/** For how many minutes links are valid; undefined: they are switched off. */
export type LinkMinutes = { upload: number | undefined; download: number | undefined }
