import { authorOf } from '../../domain/author.js'
import * as download from '../../domain/fileTransfer/download.js'
import type { FileTransferId } from '../../domain/fileTransfer/state.js'
import { purgeDelaySeconds } from '../../domain/resource.js'
import { err, ok } from '../../domain/result.js'
import { recipientIs } from '../access.js'
import type { TransferCommits } from '../commit/transferCommits.js'
import type { AccessPolicy, Caller } from '../ports/access.js'
import type { ResourceStore } from '../ports/resources.js'

type Deps = { commits: TransferCommits; access: AccessPolicy; resources: ResourceStore }

/** A recipient confirms that it has the file. The last one to confirm also closes the transfer. */
export const confirmDownload =
  ({ commits, access, resources }: Deps) =>
  async (caller: Caller, id: FileTransferId) => {
    const found = await commits.readRecent(id)
    if (!found) return err('FileTransferNotFound')
    const [recipient, stored] = await Promise.all([
      recipientIs(access, caller, found.transfer),
      resources.recent(found.transfer.resourceId),
    ])
    if (!recipient) return err('NoAccessToResource')

    const grace = stored && purgeDelaySeconds(stored.resource)
    const downloader = { recipient, vendor: caller.vendor }
    const confirmed = await commits.change(
      found,
      (transfer, at) => download.confirmDownload(transfer, downloader, grace, at),
      authorOf(caller),
    )
    return confirmed.ok ? ok(undefined) : confirmed
  }
