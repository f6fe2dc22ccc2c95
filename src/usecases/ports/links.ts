import type { BlobLocation } from './blobs.js'

/** A link to send the bytes of a file to, and the headers to send with them. `mayReplace`: the storage lets it replace a file that is there. */
export type LinkToUpload = { url: string; headers: Record<string, string>; mayReplace: boolean }

/** Links to files in the storage, which need nothing else to be used. They are as good as the file: never logged, never kept. */
export type FileLinks = {
  /** Until then one file may be stored at this place, and nothing else be done. */
  toUpload(place: BlobLocation, until: Date): Promise<LinkToUpload>
  /** Until then the file at this place may be read, and comes as an attachment of this name. */
  toDownload(place: BlobLocation, file: { fileName: string; until: Date }): Promise<string>
}

/** For how many minutes links hold; undefined: none are given. */
export type LinkMinutes = { upload: number | undefined; download: number | undefined }
