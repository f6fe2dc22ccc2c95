import type { EncryptionKey, EncryptionKeys } from '../wire/types.js'
import { byOrganization } from './byOrganization.js'
import { API, type Call, type Http } from './http.js'

type CallOptions = Pick<Call, 'signal'>

const KEYS_IN_A_CALL = 1000

/** The operations on the public keys that files are encrypted for. */
export function keyOperationsOn(http: Http) {
  const at = (resourceId: string, path: string) => `${API}/resource/${encodeURIComponent(resourceId)}/${path}`
  return {
    /** Publishes the public key (`age1…`) of the caller for a resource, in place of an earlier one; null: none. */
    async publishEncryptionKey(
      resourceId: string,
      publicKey: string | null,
      { signal }: CallOptions = {},
    ): Promise<EncryptionKey> {
      // A private key never leaves the machine, not by mistake either.
      if (publicKey !== null && !publicKey.startsWith('age1')) throw new TypeError('A public key begins with age1.')
      return http.json(at(resourceId, 'encryptionkey'), { method: 'PUT', json: { publicKey }, signal })
    },

    /** The public keys of organisations for a resource, in their order. A thousand are asked for at a time. */
    getEncryptionKeys: (
      resourceId: string,
      organizations: string[],
      { signal }: CallOptions = {},
    ): Promise<EncryptionKey[]> =>
      byOrganization(organizations, KEYS_IN_A_CALL, async (json) => {
        const call = { method: 'POST', json, signal }
        return (await http.json<EncryptionKeys>(at(resourceId, 'encryptionkeys'), call)).keys
      }),
  }
}
