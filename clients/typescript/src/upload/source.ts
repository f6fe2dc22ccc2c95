/**
 * A file of known size whose bytes can be read at any offset, more than once.
 * @property read - Its bytes from `start` on, up to `end` and without it.
 */
export type Source = {
  sizeBytes: number
  name?: string | undefined
  /** Differs for another file and for other contents. Without it no upload is resumed after a restart. */
  identity?: string | undefined
  read(start: number, end: number): Promise<Uint8Array<ArrayBuffer>>
}

/** A Blob, or a File that the user of a page has chosen. */
export function blobSource(blob: Blob): Source {
  const { name, lastModified } = blob as Partial<File>
  return {
    sizeBytes: blob.size,
    ...(name !== undefined && { name, identity: JSON.stringify([name, blob.size, lastModified]) }),
    read: async (start, end) => new Uint8Array(await blob.slice(start, end).arrayBuffer()),
  }
}
