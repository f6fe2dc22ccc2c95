import type { Page } from 'playwright-core'

const DUMP = `(async () => {
  const resultOf = (request) =>
    new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result)
      request.onerror = () => reject(request.error)
    })
  const found = [JSON.stringify({ ...localStorage }), JSON.stringify({ ...sessionStorage }), document.cookie, location.href]
  for (const { name } of await indexedDB.databases()) {
    const database = await resultOf(indexedDB.open(name))
    for (const store of database.objectStoreNames) {
      const values = await resultOf(database.transaction(store).objectStore(store).getAll())
      found.push(JSON.stringify(values, (_, value) => (value instanceof FileSystemHandle ? value.name : value)))
    }
    database.close()
  }
  for (const name of await caches.keys()) {
    const cache = await caches.open(name)
    for (const request of await cache.keys()) found.push(await (await cache.match(request)).text())
  }
  const look = async (folder) => {
    for await (const handle of folder.values()) {
      found.push(handle.name)
      if (handle.kind === 'directory') await look(handle)
      else found.push(await (await handle.getFile()).text())
    }
  }
  await look(await navigator.storage.getDirectory())
  return found.join('\\n')
})()`

/** All that the page has stored in the browser, by any of its ways to store. */
export const storedByPage = (page: Page): Promise<string> => page.evaluate(DUMP)

/** The names of the files in the page's own part of the disk, with their folders. */
export const filesOfPage = (page: Page): Promise<string[]> =>
  page.evaluate(`(async () => {
    const found = []
    const look = async (folder, path) => {
      for await (const handle of folder.values()) {
        if (handle.kind === 'directory') await look(handle, path + handle.name + '/')
        else found.push(path + handle.name)
      }
    }
    await look(await navigator.storage.getDirectory(), '')
    return found
  })()`)
