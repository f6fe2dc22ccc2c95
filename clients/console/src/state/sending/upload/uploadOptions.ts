import { type WebStorage, webResumeStore } from '../../../../../typescript/src/index.js'
import type { Job } from '../job.js'
import { keep } from '../storage.js'
import { beginningAt } from './beginningAt.js'

const MIB = 2 ** 20

/** `localStorage`, which may be full. */
export const keptStorage: WebStorage = {
  getItem: (key) => localStorage.getItem(key),
  setItem: (key, text) => keep(localStorage, key, text),
  removeItem: (key) => localStorage.removeItem(key),
}

/** Some fifty chunks, so that progress is visible and a pause loses little. */
const chunkBytesOf = (sizeBytes: number) => Math.min(Math.max(Math.ceil(sizeBytes / 50 / MIB), 1), 16) * MIB

/**
 * How a file is uploaded, and where its progress is stored: of a group by itself, since others may be equal. What is
 * encrypted anew is uploaded from its beginning, to the same file transfer.
 */
export function uploadOptionsOf({ file, sending, group, fileTransferId }: Job) {
  const options = { oneShotBytes: MIB, chunkBytes: chunkBytesOf(file.size) }
  const isKnown = fileTransferId !== undefined && (group !== undefined || sending.encryption === 'age')
  if (!isKnown) return { ...options, resume: webResumeStore(keptStorage) }
  const prefix = group && `altinn-broker:${fileTransferId}:`
  return { ...options, resume: beginningAt(fileTransferId, webResumeStore(keptStorage, prefix)) }
}
