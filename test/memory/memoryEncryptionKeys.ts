import type { PublishedKey } from '../../src/domain/encryptionKey.js'
import type { EncryptionKeys } from '../../src/usecases/ports/resources.js'

/** Keys of recipients in memory. */
export function memoryEncryptionKeys(): EncryptionKeys {
  const keys = new Map<string, PublishedKey>()
  const at = (resourceId: string, organization: string) => JSON.stringify([resourceId, organization])
  return {
    of: async (resourceId, organizations) => organizations.flatMap((each) => keys.get(at(resourceId, each)) ?? []),
    async publish(resourceId, key) {
      keys.set(at(resourceId, key.organization), key)
    },
    async withdraw(resourceId, organization) {
      keys.delete(at(resourceId, organization))
    },
  }
}
