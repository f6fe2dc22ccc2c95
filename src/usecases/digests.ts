import type { Digests } from '../domain/fileTransfer/state.js'
import type { ReadSoFar } from './ports/messages.js'
import type { Hashing } from './ports/tus.js'

/** The digests of a file that is read once. `save` is absent where their states cannot be saved, which is faster. */
export type FileDigests = {
  update(bytes: Uint8Array): void
  save?: (bytes: number) => ReadSoFar
  digests(): Digests
}

/** Digests for one turn. */
export function digestsOfOneTurn(hashing: Hashing): FileDigests {
  const [md5, sha256] = [hashing.md5(), hashing.sha256()]
  return {
    update(bytes) {
      md5.update(bytes)
      sha256.update(bytes)
    },
    digests: () => ({ md5: md5.digest(), sha256: sha256.digest() }),
  }
}

/** Digests that are begun, or continued after `before`. */
export async function runningDigests(hashing: Hashing, before: ReadSoFar | undefined): Promise<Required<FileDigests>> {
  const isWithSha256 = before === undefined || before.sha256State !== undefined
  const md5 = await hashing.runningMd5(before?.md5State)
  const sha256 = isWithSha256 ? await hashing.runningSha256(before?.sha256State) : undefined
  return {
    update(bytes) {
      md5.update(bytes)
      sha256?.update(bytes)
    },
    save: (bytes) => ({ bytes, md5State: md5.save(), ...(sha256 && { sha256State: sha256.save() }) }),
    digests: () => ({ md5: md5.digest(), ...(sha256 && { sha256: sha256.digest() }) }),
  }
}
