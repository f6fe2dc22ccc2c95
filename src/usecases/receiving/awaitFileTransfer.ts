import type { FileTransfer, FileTransferId, FileTransferStatus } from '../../domain/fileTransfer/state.js'
import { isDecided } from '../../domain/fileTransfer/statusAfter.js'
import { err, ok } from '../../domain/result.js'
import type { SharedWaits } from '../../lib/sharedWaits.js'
import { isOlderTransfer, transferKey } from '../commit/waits.js'
import type { AccessPolicy, Caller } from '../ports/access.js'
import type { FileTransferReader } from '../ports/fileTransfers.js'
import { getFileTransfer } from './viewFileTransfer.js'

type Deps = { transfers: FileTransferReader; access: AccessPolicy; waits: SharedWaits }

/** The status to wait for, and for how long at most. `ending` ends it earlier. */
export type StatusWait = { status: FileTransferStatus; seconds: number; ending: AbortSignal }

/**
 * The file transfer as soon as it has the status or can no longer come to it, or as it is when the time is over.
 * `isRefused`: too many wait already, and it is as it is now.
 */
export const awaitFileTransfer =
  ({ transfers, access, waits }: Deps) =>
  async (caller: Caller, id: FileTransferId, { status, seconds, ending }: StatusWait) => {
    const found = await getFileTransfer({ transfers, access })(caller, id)
    if (!found.ok) return found
    const { value: transfer, isRefused } = await waits.until<FileTransfer | undefined>({
      key: transferKey(id),
      value: found.value,
      read: async () => (await transfers.read(id))?.transfer,
      isOlder: isOlderTransfer,
      isOver: (now) => !now || isDecided(now.status, status),
      ms: seconds * 1000,
      ending,
    })
    return transfer ? ok({ transfer, isRefused }) : err('FileTransferNotFound')
  }
