// Browsers with the File System Access API keep handles of files over a reload: Chromium does, Firefox does not.
// https://developer.mozilla.org/docs/Web/API/FileSystemFileHandle

/** A file that the user has chosen. */
export type ChosenFile = { file: File; handle?: FileSystemFileHandle | undefined }

const [DATABASE, STORE] = ['altinn-broker-console', 'files']

/** Keeps the handles under a key, in place of earlier ones. A browser that cannot keeps nothing. */
export async function keepFiles(key: string, files: ChosenFile[]): Promise<void> {
  const handles = files.flatMap(({ handle }) => (handle ? [handle] : []))
  await inStore('readwrite', (store) => (handles.length > 0 ? store.put(handles, key) : store.delete(key)))
}

/** The handles under the key. */
export async function keptHandles(key: string): Promise<FileSystemFileHandle[]> {
  return (await inStore('readonly', (store) => store.get(key))) ?? []
}

/** The file, if it may be read without asking, and is still there. */
export async function readableFile(handle: FileSystemFileHandle): Promise<File | undefined> {
  const permission = await handle.queryPermission?.({ mode: 'read' })
  return permission === 'granted' ? handle.getFile().catch(() => undefined) : undefined
}

/** The file, if the user allows it, for a call in the course of a click. */
export async function askedForFile(handle: FileSystemFileHandle): Promise<File | undefined> {
  await handle.requestPermission?.({ mode: 'read' })
  return readableFile(handle)
}

/** Undefined also where the browser refuses, as in private windows. */
async function inStore(
  mode: IDBTransactionMode,
  act: (store: IDBObjectStore) => IDBRequest,
): Promise<FileSystemFileHandle[] | undefined> {
  try {
    const opening = indexedDB.open(DATABASE, 1)
    opening.onupgradeneeded = () => opening.result.createObjectStore(STORE)
    const database: IDBDatabase = await resultOf(opening)
    try {
      return await resultOf(act(database.transaction(STORE, mode).objectStore(STORE)))
    } finally {
      database.close()
    }
  } catch {
    return undefined
  }
}

const resultOf = <Value>(request: IDBRequest<Value>) =>
  new Promise<Value>((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
