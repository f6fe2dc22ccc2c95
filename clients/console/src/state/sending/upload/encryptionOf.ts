import type { Encryption } from '../../../../../typescript/src/index.js'
import type { Job } from '../job.js'
import { ciphertextsOf } from './ciphertexts.js'

const STEPS = 100

/** How the file of a job is encrypted; undefined: it is not. `update` shows how far it is. */
export async function encryptionOf(
  { id, sending }: Job,
  signal: AbortSignal,
  update: (part: Partial<Job>) => void,
): Promise<Encryption | undefined> {
  if (sending.encryption !== 'age') return undefined
  let shown = -1
  return {
    store: await ciphertextsOf(id),
    onKeys: (keys) => update({ keys }),
    onProgress({ encryptedBytes, totalBytes }) {
      const step = totalBytes === 0 ? STEPS : Math.floor((encryptedBytes / totalBytes) * STEPS)
      if (signal.aborted || step === shown) return
      shown = step
      update({ state: 'encrypting', encryptedBytes, waitsAfter: undefined })
    },
  }
}
