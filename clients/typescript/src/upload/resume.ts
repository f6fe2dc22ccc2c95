/** Stores the progress of uploads, to resume them after a restart. */
export type ResumeStore = {
  get(key: string): Promise<string | undefined>
  set(key: string, note: string): Promise<void>
  delete(key: string): Promise<void>
}

/** In memory, until the process ends. */
export function memoryResumeStore(): ResumeStore {
  const notes = new Map<string, string>()
  return {
    get: async (key) => notes.get(key),
    set: async (key, note) => void notes.set(key, note),
    delete: async (key) => void notes.delete(key),
  }
}

/** The part of `localStorage` that is used. */
export type WebStorage = {
  getItem(key: string): string | null
  setItem(key: string, value: string): void
  removeItem(key: string): void
}

/** In a browser: `webResumeStore(localStorage)`. */
export const webResumeStore = (storage: WebStorage, prefix = 'altinn-broker:'): ResumeStore => ({
  get: async (key) => storage.getItem(prefix + key) ?? undefined,
  set: async (key, note) => storage.setItem(prefix + key, note),
  delete: async (key) => storage.removeItem(prefix + key),
})
