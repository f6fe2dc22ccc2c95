import type { BlobLocation, FileLinks } from '../../src/usecases/ports/blobs.js'

/** Links that describe their purpose, and lead nowhere. */
export function memoryFileLinks({ mayReplace = false } = {}): FileLinks {
  const urlOf = (
    { isScanned, serviceOwner, fileTransferId, attemptId }: BlobLocation,
    search: Record<string, string>,
  ) =>
    `memory://${isScanned ? 'scanned' : 'unscanned'}/${serviceOwner}/${fileTransferId}/${attemptId}?` +
    new URLSearchParams(search)

  return {
    toUpload: async (location, until) => ({
      url: urlOf(location, { may: 'create', until: until.toISOString() }),
      mayReplace,
      headers: { 'x-ms-blob-type': 'BlockBlob' },
    }),
    toDownload: async (location, { fileName, until }) =>
      urlOf(location, { may: 'read', until: until.toISOString(), fileName }),
  }
}
