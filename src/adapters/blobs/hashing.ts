import { createHash, timingSafeEqual } from 'node:crypto'
import { createMD5, createSHA256, type IHasher } from 'hash-wasm'
import type { Hashing, RunningDigest } from '../../usecases/ports/tus.js'

/** Checksums by Node; the digests whose state can be saved by hash-wasm, since Node's own cannot. */
export const hashing: Hashing = {
  runningMd5: async (state) => running(await createMD5(), state),
  runningSha256: async (state) => running(await createSHA256(), state),
  md5: () => fast('md5'),
  sha256: () => fast('sha256'),

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

function running(hasher: IHasher, state: string | undefined): RunningDigest {
  if (state === undefined) hasher.init()
  else hasher.load(Buffer.from(state, 'base64'))
  return {
    update: (bytes) => void hasher.update(bytes),
    save: () => Buffer.from(hasher.save()).toString('base64'),
    digest: () => hasher.digest(),
  }
}

function fast(algorithm: 'md5' | 'sha256'): Omit<RunningDigest, 'save'> {
  const hash = createHash(algorithm)
  return { update: (bytes) => void hash.update(bytes), digest: () => hash.digest('hex') }
}
