import type { BlobFacts } from '../../usecases/ports/blobs.js'

type Properties = { contentLength?: number; contentMD5?: Uint8Array; etag?: string }

/** What storage tells of a blob, in our words. */
export const blobProperties = ({ contentLength = 0, contentMD5, etag }: Properties): BlobFacts => ({
  sizeBytes: contentLength,
  md5: contentMD5 && Buffer.from(contentMD5).toString('hex'),
  etag: etagOf(etag),
})

/** An ETag without quotes: Defender for Storage gives it so. */
export const etagOf = (etag: string | undefined): string => (etag ?? '').replaceAll('"', '')
