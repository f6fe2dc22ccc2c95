/** Bytes of a known number that can be read from any place, more than once. */
export type Source = {
  sizeBytes: number
  /** What the file is called, if it has a name. */
  name?: string | undefined
  /** Tells this file from others and from its own earlier contents; without it nothing can be resumed after a restart. */
  identity?: string | undefined
  read(start: number, end: number): Promise<Uint8Array<ArrayBuffer>>
}

/** A Blob, or a File as a page gets it from its user. */
export function blobSource(blob: Blob): Source {
  const { name, lastModified } = blob as Partial<File>
  return {
    sizeBytes: blob.size,
    ...(name !== undefined && { name, identity: JSON.stringify([name, blob.size, lastModified]) }),
    read: async (start, end) => new Uint8Array(await blob.slice(start, end).arrayBuffer()),
  }
}
