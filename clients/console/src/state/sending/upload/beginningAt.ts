import type { ResumeStore } from '../../../../../typescript/src/index.js'

/** A store by which a file is sent to a file transfer that is initialized already: as if an earlier try had begun it. */
export const beginningAt = (fileTransferId: string, store: ResumeStore): ResumeStore => ({
  ...store,
  get: async (key) => (await store.get(key)) ?? JSON.stringify({ fileTransferId }),
})
