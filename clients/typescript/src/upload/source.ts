/**
 * A file of known size whose bytes can be read at any offset, more than once.
 * @property read - Its bytes from `start` on, up to `end` and without it.
 */
export type Source = {
  sizeBytes: number
  name?: string | undefined
  /** Differs for another file and for other contents. Without it no upload is resumed after a restart. */
  identity?: string | undefined
  /** The bytes, or a Blob of them, which a browser reads while it sends it. */
  read(start: number, end: number): Promise<Uint8Array<ArrayBuffer> | Blob>
  /** The MD5 of the whole, such as computed by a worker. Default: computed from what `read` gives. */
  md5?: ((signal?: AbortSignal) => Promise<string>) | undefined
}

/** A Blob, or a File that the user of a page has chosen. */
export function blobSource(blob: Blob): Source {
  const { name, lastModified } = blob as Partial<File>
  return {
    sizeBytes: blob.size,
    ...(name !== undefined && { name, identity: JSON.stringify([name, blob.size, lastModified]) }),
    read: async (start, end) => blob.slice(start, end),
  }
}

/** A Blob as a source. */
export const sourceOf = (file: Blob | Source): Source => ('read' in file ? file : blobSource(file))

/** The name to send a file by. @throws TypeError when there is none. */
export function nameOf(name: string | undefined): string {
  if (!name) throw new TypeError('The file has no name: give a fileName.')
  return name
}
