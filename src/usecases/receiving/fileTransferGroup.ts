import { authorOf } from '../../domain/author.js'
import { confirmInGroup } from '../../domain/fileTransfer/download.js'
import type {
  FileTransfer,
  FileTransferGroup,
  FileTransferGroupId,
  FileTransferId,
} from '../../domain/fileTransfer/state.js'
import type { OrganizationNumber } from '../../domain/organizationNumber.js'
import { purgeDelaySeconds } from '../../domain/resource.js'
import { err, ok } from '../../domain/result.js'
import { forEachConcurrent } from '../../lib/forEachConcurrent.js'
import { recipientIs, viewerOf } from '../access.js'
import type { TransferCommits } from '../commit/transferCommits.js'
import { MEMBERS_AT_A_TIME, readGroup } from '../fileTransferGroups.js'
import type { AccessPolicy, Caller } from '../ports/access.js'
import type { FileTransferReader } from '../ports/fileTransfers.js'
import type { ResourceStore } from '../ports/resources.js'

type Deps = { transfers: FileTransferReader; access: AccessPolicy }

/** The group as it is now, for its sender and its recipients, and as whom the caller sees it. */
export const getFileTransferGroup =
  ({ transfers, access }: Deps) =>
  async (caller: Caller, id: FileTransferGroupId) => {
    const group = await readGroup(transfers, id)
    if (!group) return err('FileTransferGroupNotFound')
    const viewer = await viewerOf(access, caller, group.members[0])
    return viewer ? ok({ group, viewer }) : err('NoAccessToResource')
  }

type Decided = ReturnType<typeof confirmInGroup>
/** A file transfer that keeps a group from being confirmed. */
type Obstacle = {
  problem: Extract<Decided, { ok: false }>['reason'] | 'FileTransferBusy'
  fileTransferId: FileTransferId
}

function obstacleIn(
  members: FileTransferGroup['members'],
  recipient: OrganizationNumber,
  decide: (transfer: FileTransfer) => Decided,
): Obstacle | undefined {
  let isAnyConfirmed = false
  for (const transfer of members) {
    const decision = decide(transfer)
    if (!decision.ok) return { problem: decision.reason, fileTransferId: transfer.id }
    isAnyConfirmed ||= decision.value.length > 0 || transfer.recipients[recipient]?.status === 'DownloadConfirmed'
  }
  return isAnyConfirmed ? undefined : { problem: 'FileTransferNotPublished', fileTransferId: members[0].id }
}

/**
 * A recipient confirms all files of a group. It is refused, and confirms none, while one of them is still to be
 * published or downloaded; files that have ended meanwhile are passed over, if there are others. Idempotent: a request that was cut off is
 * completed by the next.
 */
export const confirmFileTransferGroup =
  (deps: Deps & { commits: TransferCommits; resources: ResourceStore; now: () => Date }) =>
  async (caller: Caller, id: FileTransferGroupId) => {
    const { transfers, access, commits, resources, now } = deps
    const group = await readGroup(transfers, id)
    if (!group) return err('FileTransferGroupNotFound')
    const { members } = group
    const [first] = members
    const [recipient, stored] = await Promise.all([
      recipientIs(access, caller, first),
      resources.recent(first.resourceId),
    ])
    if (!recipient) return err('NoAccessToResource')

    const grace = stored && purgeDelaySeconds(stored.resource)
    const downloader = { recipient, vendor: caller.vendor }
    const decide = (transfer: FileTransfer, at: Date) => confirmInGroup(transfer, downloader, grace, at)
    const obstacle = obstacleIn(members, recipient, (transfer) => decide(transfer, now()))
    if (obstacle) return err(obstacle)
    const refused: Obstacle[] = []
    await forEachConcurrent(members, MEMBERS_AT_A_TIME, async ({ id: fileTransferId }) => {
      const found = await commits.readRecent(fileTransferId)
      const confirmed = found && (await commits.change(found, decide, authorOf(caller)))
      if (confirmed && !confirmed.ok && confirmed.reason !== 'FileTransferNotFound')
        refused.push({ problem: confirmed.reason, fileTransferId })
    })
    return refused[0] ? err(refused[0]) : getFileTransferGroup(deps)(caller, id)
  }
