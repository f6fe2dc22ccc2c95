import { authorOf } from '../../domain/fileTransfer/author.js'
import * as download from '../../domain/fileTransfer/download.js'
import type { FileTransferId } from '../../domain/fileTransfer/state.js'
import { purgeDelaySeconds } from '../../domain/resource.js'
import { err, ok } from '../../domain/result.js'
import { recipientIs } from '../access.js'
import { type ChangePorts, change } from '../commit/change.js'
import type { AccessPolicy, Caller } from '../ports/access.js'
import type { ResourceStore } from '../ports/resources.js'

type Deps = ChangePorts & { access: AccessPolicy; resources: ResourceStore }

/** A recipient says that it has the file. */
export const confirmDownload = (deps: Deps) => async (caller: Caller, id: FileTransferId) => {
  const { access, resources, transfers } = deps
  const found = await transfers.read(id)
  if (!found) return err('FileTransferNotFound')
  const [recipient, stored] = await Promise.all([
    recipientIs(access, caller, found.transfer),
    resources.read(found.transfer.resourceId),
  ])
  if (!recipient) return err('NoAccessToResource')

  const grace = stored && purgeDelaySeconds(stored.resource)
  const downloader = { recipient, vendor: caller.vendor }
  const confirmed = await change(
    deps,
    found,
    (transfer, at) => download.confirmDownload(transfer, downloader, grace, at),
    authorOf(caller),
  )
  return confirmed.ok ? ok(undefined) : confirmed
}
