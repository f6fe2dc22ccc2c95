import { webResumeStore } from '../../../../../typescript/src/index.js'
import { keep } from '../storage.js'

const MIB = 2 ** 20

const resumeStore = webResumeStore({
  getItem: (key) => localStorage.getItem(key),
  setItem: (key, text) => keep(localStorage, key, text),
  removeItem: (key) => localStorage.removeItem(key),
})

/** Some fifty chunks, so that progress is visible and a pause loses little. */
const chunkBytesOf = (sizeBytes: number) => Math.min(Math.max(Math.ceil(sizeBytes / 50 / MIB), 1), 16) * MIB

/** How a file is uploaded, and where its progress is stored. */
export const uploadOptionsOf = ({ size }: File) => ({
  oneShotBytes: MIB,
  chunkBytes: chunkBytesOf(size),
  resume: resumeStore,
})
