// Tabs share their notes of unfinished uploads: a lock says which of them sends a file.

const lockOf = (id: string) => `sending ${id}`

/** Says to other tabs that this one sends the file, until the returned function is called or the tab is closed. */
export function claim(id: string): () => void {
  const { promise, resolve } = Promise.withResolvers<void>()
  void navigator.locks?.request(lockOf(id), () => promise)
  return resolve
}

/** Whether some tab sends this file, as a function of its id. */
export async function claimed(): Promise<(id: string) => boolean> {
  const locks = await navigator.locks?.query()
  const names = new Set(locks?.held?.map(({ name }) => name))
  return (id) => names.has(lockOf(id))
}
