import { decryptedName } from '../encryption/encrypt.js'
import { startDecryption } from './decryption.js'
import type { Sink } from './receive.js'

/** What decrypts a file. */
export type Decryption = {
  /** `AGE-SECRET-KEY-1…`: the present one, and earlier ones that files on their way are encrypted for. */
  privateKeys: string[]
  /**
   * Has the ciphertext until the file is decrypted, so that a later try resumes: `fileSink` of another path, which is
   * never written. Default: a later try begins anew.
   */
  ciphertext?: Sink | undefined
}

/**
 * Decrypts a file while it is received, into `plain`, by its name without `.age`. One that its sender has not
 * encrypted is written as it is. Receiving throws NotDecrypted when no key fits, or when the file is damaged.
 */
export function decryptingSink(plain: Sink, { privateKeys, ciphertext }: Decryption): Sink {
  let decryption: ReturnType<typeof startDecryption> | undefined
  return {
    async open(file) {
      if (file.encryption !== 'age') return plain.open(file)
      // What an earlier try has decrypted is written again.
      await plain.open({ ...file, fileName: decryptedName(file.fileName) })
      const started = startDecryption(file.fileName, plain, privateKeys)
      decryption = started
      try {
        const earlier = await ciphertext?.open(file)
        return earlier && passedOn(earlier, started.write)
      } catch (error) {
        await started.abort()
        throw error
      }
    },
    async write(bytes) {
      if (!decryption) return plain.write(bytes)
      await ciphertext?.write(bytes)
      await decryption.write(bytes)
    },
    async close(outcome) {
      if (!decryption) return plain.close(outcome)
      let left: typeof outcome = 'broken'
      try {
        await (outcome === 'whole' ? decryption.end() : decryption.abort())
        // The ciphertext of a file that is decrypted is useless.
        if (outcome !== 'broken') left = 'wrong'
      } finally {
        // It may be damaged on this disk alone: then a later try begins anew, where it would fail for ever.
        if (decryption.isDamaged()) left = 'wrong'
        await ciphertext?.close(left)
      }
    },
  }
}

/** The chunks, each after it has been written. */
async function* passedOn(chunks: AsyncIterable<Uint8Array>, write: (bytes: Uint8Array) => Promise<void>) {
  for await (const bytes of chunks) {
    await write(bytes)
    yield bytes
  }
}
