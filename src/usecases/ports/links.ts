import type { BlobLocation } from './blobs.js'

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
