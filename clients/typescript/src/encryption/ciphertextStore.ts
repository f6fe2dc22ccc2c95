import { blobSource, type Source } from '../upload/source.js'

/** What the keys of `send` begin with. */
export const KEY_START = 'ciphertext-'
/** For how long ciphertext is kept that nobody resumes. */
export const KEPT_MS = 30 * 86_400_000

/**
 * Where ciphertext is kept until Broker has it. A file is encrypted once: what is encrypted again has other bytes, and
 * an upload can be resumed by the same bytes alone.
 */
export type CiphertextStore = {
  /** The ciphertext of this key; undefined when there is none, or not all of it. */
  get(key: string): Promise<Source | undefined>
  /** Stores all of it under this key, and gives what is there. @throws the error of the stream; nothing is stored then. */
  set(key: string, ciphertext: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<Source>
  /** Removes the ciphertext of this key, if there is some. */
  delete(key: string): Promise<void>
}

/** As Blobs, in memory or where the browser stores them: an upload is resumed by the same store, until the process ends. */
export function blobCiphertextStore(): CiphertextStore {
  const kept = new Map<string, Source>()
  return {
    get: async (key) => kept.get(key),
    async set(key, ciphertext) {
      const source = { ...blobSource(await new Response(ciphertext).blob()), identity: crypto.randomUUID() }
      kept.set(key, source)
      return source
    },
    delete: async (key) => void kept.delete(key),
  }
}

/** The part of a `FileSystemDirectoryHandle` that is used. */
export type WebFolder = {
  /** As of `FileSystemDirectoryHandle`. */
  getFileHandle(name: string, options?: { create?: boolean }): Promise<WebFile>
  /** As of `FileSystemDirectoryHandle`. */
  removeEntry(name: string): Promise<void>
  /** As of `FileSystemDirectoryHandle`. */
  keys(): AsyncIterable<string>
}
type WebFile = { getFile(): Promise<File>; createWritable(): Promise<WritableStream<Uint8Array<ArrayBuffer>>> }

/**
 * In a browser: `webCiphertextStore(await navigator.storage.getDirectory())`. What nobody has resumed for a month is
 * removed.
 */
export function webCiphertextStore(folder: WebFolder): CiphertextStore {
  const undefinedIfMissing = (error: unknown) => {
    if (!(error instanceof DOMException && error.name === 'NotFoundError')) throw error
    return undefined
  }
  const remove = (key: string) => folder.removeEntry(key).catch(undefinedIfMissing)
  const removeOld = async () => {
    for await (const name of folder.keys()) {
      if (!name.startsWith(KEY_START)) continue
      const handle = await folder.getFileHandle(name).catch(undefinedIfMissing)
      const file = await handle?.getFile()
      if (file && file.lastModified < Date.now() - KEPT_MS) await remove(name)
    }
  }
  return {
    async get(key) {
      const handle = await folder.getFileHandle(key).catch(undefinedIfMissing)
      const file = await handle?.getFile()
      // An empty one was begun, and never closed: ciphertext has a header at least.
      return file && file.size > 0 ? blobSource(file) : undefined
    },
    async set(key, ciphertext) {
      await removeOld()
      const handle = await folder.getFileHandle(key, { create: true })
      try {
        // What is written is there when the stream is closed, and not before.
        await ciphertext.pipeTo(await handle.createWritable())
      } catch (error) {
        await remove(key)
        throw error
      }
      return blobSource(await handle.getFile())
    },
    delete: remove,
  }
}
