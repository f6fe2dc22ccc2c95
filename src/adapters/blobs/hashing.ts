import { createHash, timingSafeEqual } from 'node:crypto'
import { createMD5 } from 'hash-wasm'
import type { Hashing } from '../../usecases/ports/tus.js'

/** Checksums by Node; the MD5 whose state can be saved by hash-wasm, since Node's own cannot. */
export const hashing: Hashing = {
  async runningMd5(state) {
    const md5 = await createMD5()
    if (state === undefined) md5.init()
    else md5.load(Buffer.from(state, 'base64'))
    return {
      update: (bytes) => void md5.update(bytes),
      save: () => Buffer.from(md5.save()).toString('base64'),
      digest: () => md5.digest(),
    }
  },

  md5() {
    const md5 = createHash('md5')
    return { update: (bytes) => void md5.update(bytes), digest: () => md5.digest('hex') }
  },

  checksum({ algorithm, digest }) {
    const hash = createHash(algorithm)
    return {
      update: (bytes) => void hash.update(bytes),
      isMet() {
        const [is, expected] = [hash.digest(), Buffer.from(digest, 'base64')]
        return is.length === expected.length && timingSafeEqual(is, expected)
      },
    }
  },
}
