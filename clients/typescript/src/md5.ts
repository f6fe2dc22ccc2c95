import { createMD5 } from 'hash-wasm'
import { pause } from './calls/wait.js'
import type { Source } from './upload/source.js'

const CHUNK_BYTES = 4 * 2 ** 20

/** An MD5 of bytes that arrive one after another. */
export const startMd5 = () => createMD5()

/** The MD5 of the whole source. @throws the reason of the signal. */
export async function md5Of(source: Source, signal?: AbortSignal): Promise<string> {
  if (source.md5) return source.md5(signal)
  const md5 = await startMd5()
  for (let at = 0; at < source.sizeBytes; at += CHUNK_BYTES) {
    // Lets other work run: in Node.js a Blob is read in the same task.
    await pause(0, signal)
    const read = await source.read(at, Math.min(at + CHUNK_BYTES, source.sizeBytes))
    md5.update(read instanceof Blob ? new Uint8Array(await read.arrayBuffer()) : read)
  }
  return md5.digest('hex')
}
