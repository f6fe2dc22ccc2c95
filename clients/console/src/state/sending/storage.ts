/** Stores a text, unless the browser has no room for it: it is missing after a reload, and nothing else. */
export function keep(storage: Storage, key: string, text: string): void {
  try {
    storage.setItem(key, text)
  } catch {
    storage.removeItem(key)
  }
}
