import type { ByteRange } from '../../domain/byteRange.js'
import type { AttemptId, FileTransferId } from '../../domain/fileTransfer/state.js'
import type { OrganizationNumber } from '../../domain/organizationNumber.js'

/** Where the file of one attempt lies. */
export type BlobLocation = {
  isScanned: boolean
  serviceOwner: OrganizationNumber
  fileTransferId: FileTransferId
  attemptId: AttemptId
}

/** What the address of a file tells. */
export type AttemptAddress = Omit<BlobLocation, 'isScanned'>

/**
 * A blob as it was listed; without a place it is none of ours, and the address tells people where it lies. `tail`: it is not the file of the attempt
 * but bytes of it that are no block yet, under this name.
 */
export type ListedBlob = {
  place: BlobLocation | undefined
  tail?: string
  address: string
  etag: string
  modifiedAt: Date
}

export type BlobFacts = { sizeBytes: number; md5: string | undefined; etag: string }

/** What became of the bytes. Nothing is stored unless 'stored'; 'interrupted': the sender stopped before the end. */
export type WriteOutcome =
  | { outcome: 'stored'; sizeBytes: number; md5: string; etag: string }
  | { outcome: 'tooLarge' | 'refused' | 'interrupted' }

/** Bytes to be read once. Whoever does not read them to the end closes them. */
export type ByteSource = { bytes: AsyncIterable<Uint8Array>; close: () => void }

export type FileBlobs = {
  /** Makes the places for the files of a service owner; nothing if they are there. */
  provision(serviceOwner: OrganizationNumber): Promise<void>
  /**
   * Stores a stream as it comes, in blocks that suit `maxBytes`, its bound. `expectedBytes` is the length that was declared. `accept` has the
   * last word, when the MD5 is known and before anything is visible.
   */
  write(
    place: BlobLocation,
    body: AsyncIterable<Uint8Array>,
    limits: { maxBytes: number; expectedBytes: number | undefined; accept: (md5: string) => boolean },
  ): Promise<WriteOutcome>
  /** The bytes, of exactly the file with this ETag; undefined when it is not there any more. */
  read(place: BlobLocation, etag: string, range: ByteRange | undefined): Promise<ByteSource | undefined>
  find(place: BlobLocation): Promise<BlobFacts | undefined>
  /** Deletes the blob, or only the one with this ETag; nothing if there is none. */
  remove(place: BlobLocation, etag?: string): Promise<void>
  /** All that is stored for service owners, those of one transfer after each other. It reads every name there is. */
  list(): AsyncIterable<ListedBlob>
  /** The attempt whose file has this address, if it is one of ours in the scanned account. */
  attemptAt(url: string): AttemptAddress | undefined
}
