import { authorOf } from '../../domain/author.js'
import * as expiry from '../../domain/fileTransfer/changeExpiry.js'
import type { FileTransferId } from '../../domain/fileTransfer/state.js'
import { err, ok } from '../../domain/result.js'
import { canActAsSender } from '../access.js'
import type { TransferCommits } from '../commit/transferCommits.js'
import type { AccessPolicy, Caller } from '../ports/access.js'
import type { ResourceStore } from '../ports/resources.js'

type Deps = { commits: TransferCommits; access: AccessPolicy; resources: ResourceStore }

/** The sender moves the expiry of a published file. What is too late is refused with the latest time there is. */
export const changeExpiry =
  ({ commits, access, resources }: Deps) =>
  async (caller: Caller, id: FileTransferId, expirationTime: Date) => {
    const found = await commits.readRecent(id)
    if (!found) return err('FileTransferNotFound')
    const [isPermitted, stored] = await Promise.all([
      canActAsSender(access, caller, found.transfer),
      resources.recent(found.transfer.resourceId),
    ])
    if (!isPermitted) return err('NoAccessToResource')

    let latest = expirationTime
    const changed = await commits.change(
      found,
      (transfer, at) => {
        latest = expiry.latestExpiration(transfer, stored?.resource)
        return expiry.changeExpiry(transfer, expirationTime, latest, at)
      },
      authorOf(caller),
    )
    if (changed.ok) return ok(changed.value.transfer)
    const { reason } = changed
    return reason === 'ExpirationTimeTooLate' ? err({ problem: reason, latest }) : err(reason)
  }
