import { NotDecrypted } from '../encryption/errors.js'
import { damagedKey } from '../encryption/keys.js'
import type { Sink } from './receive.js'

// Of a thousand recipients the header is some 150 kB.
const MAX_HEADER_BYTES = 2 ** 18
// The library takes some chunks more than the header before it knows whether a key fits.
const HEADER_CHUNK_BYTES = 2 ** 14
const NO_KEY_FITS = 'no identity matched'

/**
 * Decrypts what is written, into `plain`, which is open. `write` and `end` throw NotDecrypted when no key fits or the
 * ciphertext is damaged, and what `plain` throws.
 */
export function startDecryption(fileName: string, plain: Sink, privateKeys: string[]) {
  let controller: TransformStreamDefaultController<Uint8Array> | undefined
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>({
    start(given) {
      controller = given
    },
  })
  const writer = writable.getWriter()
  let headerBytes: number | undefined = 0
  const refuse = (cause: unknown): never => {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new NotDecrypted(`${fileName} cannot be decrypted: ${reason}`, { cause })
  }
  let isAborted = false
  let isDamaged = false
  const refuseBytes = (cause: unknown): never => {
    isDamaged = !isAborted && !String(cause).includes(NO_KEY_FITS)
    return refuse(cause)
  }
  const decryptAll = async () => {
    const decrypter = await decrypterOf(privateKeys).catch(refuse)
    const reader = (await decrypter.decrypt(readable).catch(refuseBytes)).getReader()
    headerBytes = undefined
    for (;;) {
      const { done, value } = await reader.read().catch(refuseBytes)
      if (done) return
      await plain.write(value)
    }
  }
  const all = decryptAll()
  // Nobody reads any more: what is being written fails, too.
  all.catch((error: unknown) => controller?.error(error))
  const orFailure = async (error: unknown) => {
    await all
    throw error
  }
  const abort = async (): Promise<void> => {
    isAborted = true
    controller?.error(new Error('The file is not complete'))
    await all.catch(() => undefined)
    await plain.close('wrong')
  }
  return {
    async write(bytes: Uint8Array): Promise<void> {
      let at = 0
      for (; headerBytes !== undefined && at < bytes.length; at += HEADER_CHUNK_BYTES) {
        if (headerBytes > MAX_HEADER_BYTES) refuseBytes('its header is too large to be one of age')
        const chunk = bytes.subarray(at, at + HEADER_CHUNK_BYTES)
        headerBytes += chunk.length
        await writer.write(chunk).catch(orFailure)
      }
      if (at < bytes.length) await writer.write(bytes.subarray(at)).catch(orFailure)
    },
    async end(): Promise<void> {
      try {
        await writer.close().catch(orFailure)
        await all
        await plain.close('whole')
      } catch (error) {
        await abort()
        throw error
      }
    },
    abort,
    /** Whether it has failed by the ciphertext, which no other private key reads either. */
    isDamaged: () => isDamaged,
  }
}

async function decrypterOf(privateKeys: string[]) {
  const { Decrypter } = await import('age-encryption')
  const decrypter = new Decrypter()
  try {
    for (const key of privateKeys) decrypter.addIdentity(key)
  } catch {
    // The error of the library shows the key.
    throw damagedKey()
  }
  return decrypter
}
