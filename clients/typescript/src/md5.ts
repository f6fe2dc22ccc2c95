import { createMD5 } from 'hash-wasm'
import type { Source } from './upload/source.js'

const STEP_BYTES = 4 * 2 ** 20

/** The MD5 of all that passes, in lower-case hex. */
export const startMd5 = () => createMD5()

/** The MD5 of the whole source. @throws the reason of the signal. */
export async function md5Of(source: Source, signal?: AbortSignal): Promise<string> {
  const md5 = await startMd5()
  for (let at = 0; at < source.sizeBytes; at += STEP_BYTES) {
    signal?.throwIfAborted()
    md5.update(await source.read(at, Math.min(at + STEP_BYTES, source.sizeBytes)))
  }
  return md5.digest('hex')
}
