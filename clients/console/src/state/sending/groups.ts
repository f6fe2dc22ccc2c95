import { encryptedName } from '../../../../typescript/src/encryption/encrypt.js'
import type { BrokerClient, Sending, WebStorage } from '../../../../typescript/src/index.js'
import { partyOf } from '../../../../typescript/src/wire/organization.js'
import { isPermanent } from '../../format/problemWords.js'
import { lacksAccess } from './refusal.js'

type Member = { id: string; file: { name: string } }

/**
 * Initializes the groups of forms. A form that is tried again, or sent again after a reload, completes the same group:
 * its idempotency key is stored until Broker has answered.
 */
export function groupsOf(broker: Pick<BrokerClient, 'initializeGroup'>, brokerUrl: string, storage: WebStorage) {
  const begun = new WeakMap<Sending, { members: Member[]; idempotencyKey: string }>()

  const begin = (sending: Sending, members: Member[], note: string) => {
    const idempotencyKey = storage.getItem(note) ?? crypto.randomUUID()
    storage.setItem(note, idempotencyKey)
    const beginning = { members, idempotencyKey }
    begun.set(sending, beginning)
    return beginning
  }

  return {
    /** Whether Broker may have the file transfers of this form. */
    hasBegun: (sending: Sending): boolean => begun.has(sending),
    /** The ids of the group and of its file transfers by member. The members stay those of the first call. */
    async initialize(sending: Sending, files: Member[], signal?: AbortSignal) {
      const request = requestOf(sending, begun.get(sending)?.members ?? files)
      const note = `console-group:${brokerUrl}:${JSON.stringify(request)}`
      const { members, idempotencyKey } = begun.get(sending) ?? begin(sending, files, note)
      try {
        const { fileTransferGroupId, fileTransferIds } = await broker.initializeGroup(request, {
          idempotencyKey,
          ...(signal && { signal }),
        })
        storage.removeItem(note)
        const transfers = new Map(members.map(({ id }, index) => [id, fileTransferIds[index]]))
        return { id: fileTransferGroupId, transfers }
      } catch (error) {
        if (isPermanent(error) && !lacksAccess(error)) {
          storage.removeItem(note)
          begun.delete(sending)
        }
        throw error
      }
    },
  }
}

const requestOf = (sending: Sending, files: Member[]) => ({
  ...sending,
  sender: partyOf(sending.sender),
  recipients: sending.recipients.map(partyOf),
  files: files.map(({ file: { name } }) => ({ fileName: sending.encryption === 'age' ? encryptedName(name) : name })),
})
