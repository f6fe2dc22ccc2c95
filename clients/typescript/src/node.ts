import { constants, createWriteStream } from 'node:fs'
import { type FileHandle, link, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { Sink } from './download/receive.js'
import { type CiphertextStore, KEPT_MS, KEY_START } from './encryption/ciphertextStore.js'
import { checkPath, type IfExists, place, syncFolder } from './node/disk.js'
import { partNameFor } from './node/fileNames.js'
import type { ResumeStore } from './upload/resume.js'
import type { Source } from './upload/source.js'

// Files, for Node.js.

export type { IfExists } from './node/disk.js'
export { fileNameFor } from './node/fileNames.js'
export { jwkFromPem } from './node/pem.js'

const CIPHERTEXT_END = '.age'

/** A file on the disk. @throws when it is not a file. */
export async function fileSource(path: string): Promise<Source> {
  const found = await stat(path)
  if (!found.isFile()) throw new Error(`${path} is not a file`)
  const { size: sizeBytes, mtimeMs } = found
  return {
    sizeBytes,
    name: basename(path),
    identity: JSON.stringify([resolve(path), sizeBytes, mtimeMs]),
    async read(start, end) {
      await using file = await open(path)
      const now = await file.stat()
      if (now.size !== sizeBytes || now.mtimeMs !== mtimeMs) throw new Error(`${path} has changed meanwhile`)
      const bytes = new Uint8Array(end - start)
      for (let filled = 0; filled < bytes.length; ) {
        const { bytesRead } = await file.read(bytes, filled, bytes.length - filled, start + filled)
        if (bytesRead === 0) throw new Error(`${path} has become shorter`)
        filled += bytesRead
      }
      return bytes
    },
  }
}

/** A sink that writes a file. */
export type FileSink = Sink & {
  /** The path of the file when it is complete. */
  path(): string
}

/**
 * Writes a file to this path. Until it is complete it is a `.part` beside it, with the id of the transfer in its name,
 * which a later try resumes. When `close` returns, the file is synced to the disk. An existing file is replaced
 * unless `ifExists` says otherwise.
 */
export function fileSink(path: string, { ifExists = 'replace' }: { ifExists?: IfExists } = {}): FileSink {
  let part = ''
  let placed = path
  let file: FileHandle | undefined
  const opened = () => {
    if (!file) throw new TypeError('A sink is opened first')
    return file
  }
  // Two processes may write the same part concurrently: the same bytes at the same offsets.
  let at = 0
  async function* from(handle: FileHandle, sizeBytes: number) {
    for await (const bytes of handle.createReadStream({ start: 0, end: sizeBytes - 1, autoClose: false })) {
      at += bytes.length
      yield bytes
    }
  }
  return {
    async open({ fileTransferId, fileTransferSize }) {
      await checkPath(path, ifExists)
      part = join(dirname(path), partNameFor(basename(path), fileTransferId))
      if ((await sizeAt(part)) > fileTransferSize) await rm(part)
      file = await open(part, constants.O_RDWR | constants.O_CREAT)
      const { size } = await file.stat()
      return size > 0 ? from(file, size) : undefined
    },
    async write(bytes) {
      for (let written = 0; written < bytes.length; ) {
        const { bytesWritten } = await opened().write(bytes, written, bytes.length - written, at)
        written += bytesWritten
        at += bytesWritten
      }
    },
    async close(outcome) {
      await using handle = opened()
      if (outcome === 'wrong') await rm(part, { force: true })
      if (outcome !== 'whole') return
      // An earlier try by another way, such as without the private keys, may have written more.
      await handle.truncate(at)
      await handle.sync()
      placed = await place(handle, part, path, ifExists)
      await syncFolder(dirname(path))
    },
    path: () => placed,
  }
}

const sizeAt = (path: string): Promise<number> =>
  stat(path).then(
    ({ size }) => size,
    () => 0,
  )

/** Ciphertext in a folder, readable by its owner alone. What nobody has resumed for a month is removed. */
export function folderCiphertextStore(folder: string): CiphertextStore {
  const at = (key: string) => join(folder, `${encodeURIComponent(key)}${CIPHERTEXT_END}`)
  return {
    get: (key) => fileSource(at(key)).catch(() => undefined),
    async set(key, ciphertext) {
      await mkdir(folder, { recursive: true, mode: 0o700 })
      await removeOld(folder)
      const path = at(key)
      const begun = `${path}.${crypto.randomUUID()}${CIPHERTEXT_END}`
      try {
        // Renamed when all of it is on the disk: an upload is never resumed by other bytes.
        await pipeline(ciphertext, createWriteStream(begun, { mode: 0o600, flush: true }))
        await placeFirst(begun, path)
      } finally {
        await rm(begun, { force: true })
      }
      return fileSource(path)
    },
    delete: (key) => rm(at(key), { force: true }),
  }
}

/** Two tries may encrypt the same file concurrently: the ciphertext of the first is not changed while it is sent. */
const placeFirst = (begun: string, path: string) =>
  link(begun, path).catch(async (error: NodeJS.ErrnoException) => {
    // Some file systems have no links.
    if (error.code !== 'EEXIST') await rename(begun, path)
  })

async function removeOld(folder: string): Promise<void> {
  const oldest = Date.now() - KEPT_MS
  for (const name of await readdir(folder)) {
    const path = join(folder, name)
    // A folder may have other files of age, which are not ours to remove.
    const isOurs = name.startsWith(KEY_START) && name.includes(CIPHERTEXT_END)
    const found = isOurs ? await stat(path).catch(() => undefined) : undefined
    // It is read when it is resumed.
    if (found && Math.max(found.mtimeMs, found.atimeMs) < oldest) await rm(path, { force: true })
  }
}

/** A file in the folder for each upload, readable by its owner alone. */
export function folderResumeStore(folder: string): ResumeStore {
  const at = (key: string) => join(folder, `${encodeURIComponent(key)}.json`)
  return {
    get: (key) => readFile(at(key), 'utf8').catch(() => undefined),
    async set(key, note) {
      await mkdir(folder, { recursive: true, mode: 0o700 })
      // Renamed when it is on the disk: a crash never leaves half a note.
      {
        await using file = await open(`${at(key)}.new`, 'w', 0o600)
        await file.writeFile(note)
        await file.sync()
      }
      await rename(`${at(key)}.new`, at(key))
    },
    delete: (key) => rm(at(key), { force: true }),
  }
}
