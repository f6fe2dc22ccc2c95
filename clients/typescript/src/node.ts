import { createReadStream } from 'node:fs'
import { type FileHandle, mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import type { Sink } from './receive.js'
import type { ResumeStore } from './resume.js'
import type { Source } from './source.js'

// Files, for Node.js.

/** A file on the disk. @throws when it is none. */
export async function fileSource(path: string): Promise<Source> {
  const found = await stat(path)
  if (!found.isFile()) throw new Error(`${path} is not a file`)
  const { size: sizeBytes, mtimeMs } = found
  return {
    ...{ sizeBytes, name: basename(path), identity: JSON.stringify([resolve(path), sizeBytes, mtimeMs]) },
    async read(start, end) {
      await using file = await open(path)
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

/** A file at this path. Until it is whole it is beside it, as `.part` with the id of the transfer in its name, where a later try goes on. */
export function fileSink(path: string): Sink {
  let part = ''
  let file: FileHandle | undefined
  return {
    async open({ fileTransferId, fileTransferSize }) {
      part = `${path}.${fileTransferId}.part`
      const there = await stat(part).catch(() => undefined)
      const goesOn = there !== undefined && there.size <= fileTransferSize
      file = await open(part, goesOn ? 'a' : 'w')
      return goesOn ? createReadStream(part) : undefined
    },
    write: async (bytes) => void (await file?.appendFile(bytes)),
    async close(outcome) {
      await file?.close()
      if (outcome === 'whole') await rename(part, path)
      if (outcome === 'wrong') await rm(part)
    },
  }
}

/** Notes in a folder, a file each, for the owner alone. */
export function folderResumeStore(folder: string): ResumeStore {
  const at = (key: string) => join(folder, `${encodeURIComponent(key)}.json`)
  return {
    get: (key) => readFile(at(key), 'utf8').catch(() => undefined),
    async set(key, note) {
      await mkdir(folder, { recursive: true, mode: 0o700 })
      // Never half a note, whenever the process ends.
      await writeFile(`${at(key)}.new`, note, { mode: 0o600 })
      await rename(`${at(key)}.new`, at(key))
    },
    delete: (key) => rm(at(key), { force: true }),
  }
}
