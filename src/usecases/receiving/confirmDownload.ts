import { authorOf } from '../../domain/author.js'
import { type Downloader, confirmDownload as decide } from '../../domain/fileTransfer/download.js'
import type { FileTransfer, FileTransferId } from '../../domain/fileTransfer/state.js'
import { purgeDelaySeconds } from '../../domain/resource.js'
import { err, ok, type Result } from '../../domain/result.js'
import { recipientIs } from '../access.js'
import type { TransferCommits } from '../commit/transferCommits.js'
import type { AccessPolicy, Caller } from '../ports/access.js'
import type { ResourceStore } from '../ports/resources.js'

type Deps = { commits: TransferCommits; access: AccessPolicy; resources: ResourceStore }

/** As whom the caller confirms transfers like this one, and for how long their files then stay. */
export async function confirmationBy(
  { access, resources }: Omit<Deps, 'commits'>,
  caller: Caller,
  transfer: FileTransfer,
): Promise<Result<{ downloader: Downloader; grace: number | undefined }, 'NoAccessToResource'>> {
  const [recipient, stored] = await Promise.all([
    recipientIs(access, caller, transfer),
    resources.recent(transfer.resourceId),
  ])
  if (!recipient) return err('NoAccessToResource')
  const grace = stored && purgeDelaySeconds(stored.resource)
  return ok({ downloader: { recipient, vendor: caller.vendor }, grace })
}

/** A recipient confirms that it has the file. The last one to confirm also closes the transfer. */
export const confirmDownload = (deps: Deps) => async (caller: Caller, id: FileTransferId) => {
  const { commits } = deps
  const found = await commits.readRecent(id)
  if (!found) return err('FileTransferNotFound')
  const confirmation = await confirmationBy(deps, caller, found.transfer)
  if (!confirmation.ok) return confirmation
  const { downloader, grace } = confirmation.value
  const confirmed = await commits.change(
    found,
    (transfer, at) => decide(transfer, downloader, grace, at),
    authorOf(caller),
  )
  return confirmed.ok ? ok(undefined) : confirmed
}
