import {
  blobCiphertextStore,
  type CiphertextStore,
  type Source,
  webCiphertextStore,
} from '../../../../../typescript/src/index.js'
import { md5InWorker } from './md5.js'

// In the page's own part of the disk, a folder for each job; else in memory, where a reload loses it.
// https://developer.mozilla.org/docs/Web/API/File_System_API/Origin_private_file_system

const FOLDER = 'ciphertexts'

/** Those of browsers that let the page write no files, by job. */
const inMemory = new Map<string, CiphertextStore>()
/** The last that is being stored, by job: one that is stopped is removed before the next is stored. */
const storing = new Map<string, Promise<unknown>>()

/** Where the ciphertext of a job is kept. */
export async function ciphertextsOf(id: string): Promise<CiphertextStore> {
  const folder = await (await rootFolder({ create: true }))
    ?.getDirectoryHandle(id, { create: true })
    .catch(() => undefined)
  const store = folder ? webCiphertextStore(folder) : (inMemory.get(id) ?? blobCiphertextStore())
  if (!folder) inMemory.set(id, store)
  return {
    async get(key) {
      const found = await store.get(key)
      return found && hashedByWorker(found)
    },
    async set(key, ciphertext) {
      await storing.get(id)
      const stored = store.set(key, ciphertext)
      storing.set(
        id,
        stored.catch(() => undefined),
      )
      return hashedByWorker(await stored)
    },
    delete: store.delete,
  }
}

/** Removes the ciphertext of a job, if there is some. */
export async function dropCiphertexts(id: string): Promise<void> {
  inMemory.delete(id)
  await storing.get(id)
  storing.delete(id)
  // There may be none; what another tab is writing goes the next time.
  await (await rootFolder())?.removeEntry(id, { recursive: true }).catch(() => undefined)
}

/** Removes the ciphertexts of jobs that no tab has any more, such as of one that was closed while it encrypted. */
export async function dropAbandoned(isNoted: (id: string) => boolean): Promise<void> {
  const root = await rootFolder()
  if (!root || !navigator.locks) return
  const ids = await Array.fromAsync(root.keys())
  const { held = [], pending = [] } = await navigator.locks.query()
  const names = [...held, ...pending].map(({ name }) => name)
  for (const id of ids) if (!isNoted(id) && !names.some((name) => name?.endsWith(id))) await dropCiphertexts(id)
}

/** Undefined before the first ciphertext, and where the browser has none: in private windows, or for pages. */
async function rootFolder(options = { create: false }): Promise<FileSystemDirectoryHandle | undefined> {
  try {
    if (!('createWritable' in FileSystemFileHandle.prototype)) return undefined
    return await (await navigator.storage.getDirectory()).getDirectoryHandle(FOLDER, options)
  } catch {
    return undefined
  }
}

/** The page stays smooth while the MD5 is computed. */
const hashedByWorker = (source: Source): Source => ({
  ...source,
  async md5(signal) {
    const bytes = await source.read(0, source.sizeBytes)
    return md5InWorker(bytes instanceof Blob ? bytes : new Blob([bytes]), signal)
  },
})
