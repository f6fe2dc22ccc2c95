import type { Hashed } from './md5Worker.js'

/** The MD5 of a file, by a worker: the page stays smooth meanwhile. @throws when it cannot be read. */
export async function md5InWorker(file: Blob, signal?: AbortSignal): Promise<string> {
  const worker = new Worker(new URL('./md5Worker.ts', import.meta.url), { type: 'module' })
  try {
    return await new Promise((resolve, reject) => {
      signal?.addEventListener('abort', () => reject(signal.reason))
      worker.onerror = ({ message }) => reject(new Error(message))
      worker.onmessage = ({ data }: MessageEvent<Hashed>) => {
        if ('md5' in data) resolve(data.md5)
        else reject(new DOMException(data.message, data.errorName))
      }
      worker.postMessage(file)
    })
  } finally {
    worker.terminate()
  }
}
