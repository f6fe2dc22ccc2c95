import type { FileTransferId } from '../../domain/fileTransfer/state.js'
import type { OrganizationNumber } from '../../domain/organizationNumber.js'
import { cachedAnswers } from '../../lib/expiringCache.js'
import { forEachConcurrent } from '../../lib/forEachConcurrent.js'
import type { FileTransferReader } from '../ports/fileTransfers.js'

/** The service owner and the resource of a file transfer. They never change. */
type OwnedTransfer = { serviceOwner: OrganizationNumber; resourceId: string }

const CONCURRENCY = 16
const CACHED_MS = 3_600_000
const CACHED = 10_000

/** The owners of these transfers, each found by one point read and cached. One that has been deleted is left out. */
export function transferOwners({ transfers, now }: { transfers: FileTransferReader; now: () => Date }) {
  const answers = cachedAnswers<OwnedTransfer | undefined>(CACHED_MS, now, CACHED)

  const ownerOf = (id: FileTransferId) =>
    answers.of(id, async () => {
      const found = await transfers.read(id)
      if (!found) return undefined
      const { serviceOwner, resourceId } = found.transfer
      return { serviceOwner, resourceId }
    })

  return async (ids: FileTransferId[]): Promise<Map<FileTransferId, OwnedTransfer>> => {
    const owned = new Map<FileTransferId, OwnedTransfer>()
    await forEachConcurrent(new Set(ids), CONCURRENCY, async (id) => {
      const owner = await ownerOf(id)
      if (owner) owned.set(id, owner)
    })
    return owned
  }
}
