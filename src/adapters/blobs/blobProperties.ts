import type { BlobProperties } from '../../usecases/ports/blobs.js'

type Properties = { contentLength?: number; contentMD5?: Uint8Array; etag?: string }

/** The properties of a blob, in our terms. */
export const blobProperties = ({ contentLength = 0, contentMD5, etag }: Properties): BlobProperties => ({
  sizeBytes: contentLength,
  md5: contentMD5 && Buffer.from(contentMD5).toString('hex'),
  etag: etagOf(etag),
})

/** An ETag without quotes, as Defender for Storage has it. */
export const etagOf = (etag: string | undefined): string => (etag ?? '').replaceAll('"', '')
