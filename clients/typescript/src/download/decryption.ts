import { NotDecrypted } from '../encryption/errors.js'
import { damagedKey } from '../encryption/keys.js'
import type { Sink } from './receive.js'

// Of a thousand recipients the header is some 150 kB.
const MAX_HEADER_BYTES = 2 ** 20

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
  const decrypted = async () => {
    const { Decrypter } = await import('age-encryption')
    const decrypter = new Decrypter()
    try {
      for (const key of privateKeys) decrypter.addIdentity(key)
    } catch {
      // The error of the library shows the key.
      throw damagedKey()
    }
    return decrypter.decrypt(readable)
  }
  const decryptAll = async () => {
    const reader = (await decrypted().catch(refuse)).getReader()
    headerBytes = undefined
    for (;;) {
      const { done, value } = await reader.read().catch(refuse)
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
    controller?.error(new Error('The file is not complete'))
    await all.catch(() => undefined)
    await plain.close('wrong')
  }
  return {
    async write(bytes: Uint8Array): Promise<void> {
      if (headerBytes !== undefined) headerBytes += bytes.length
      if ((headerBytes ?? 0) > MAX_HEADER_BYTES) refuse('its header is too large to be one of age')
      await writer.write(bytes).catch(orFailure)
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
  }
}
