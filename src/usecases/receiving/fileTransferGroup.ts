import { authorOf } from '../../domain/author.js'
import { confirmInGroup } from '../../domain/fileTransfer/download.js'
import type {
  FileTransfer,
  FileTransferGroup,
  FileTransferGroupId,
  FileTransferId,
} from '../../domain/fileTransfer/state.js'
import type { OrganizationNumber } from '../../domain/organizationNumber.js'
import type { Actor } from '../../domain/projections/altinnEvents.js'
import { err, ok } from '../../domain/result.js'
import { forEachConcurrent } from '../../lib/forEachConcurrent.js'
import { viewerOf } from '../access.js'
import type { TransferCommits } from '../commit/transferCommits.js'
import { MEMBERS_AT_A_TIME, readGroup } from '../fileTransferGroups.js'
import type { AccessPolicy, Caller } from '../ports/access.js'
import type { FileTransferReader } from '../ports/fileTransfers.js'
import type { ResourceStore } from '../ports/resources.js'
import { confirmationBy } from './confirmDownload.js'

type Deps = { transfers: FileTransferReader; access: AccessPolicy }
/** A group, and as whom the caller sees it. */
type Seen = { group: FileTransferGroup; viewer: Actor }

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
 * published or downloaded; files that have ended meanwhile are passed over, if there are others. Idempotent: a request
 * that was cut off is completed by the next.
 */
export const confirmFileTransferGroup =
  (deps: Deps & { commits: TransferCommits; resources: ResourceStore; now: () => Date }) =>
  async (caller: Caller, id: FileTransferGroupId) => {
    const { transfers, commits, now } = deps
    const group = await readGroup(transfers, id)
    if (!group) return err('FileTransferGroupNotFound')
    const { members } = group
    const [first, ...others] = members
    const confirmation = await confirmationBy(deps, caller, first)
    if (!confirmation.ok) return confirmation

    const { downloader, grace } = confirmation.value
    const { recipient } = downloader
    const decide = (transfer: FileTransfer, at: Date) => confirmInGroup(transfer, downloader, grace, at)
    const obstacle = obstacleIn(members, recipient, (transfer) => decide(transfer, now()))
    if (obstacle) return err(obstacle)
    const refused: Obstacle[] = []
    const changed = new Map<FileTransferId, FileTransfer>()
    await forEachConcurrent(members, MEMBERS_AT_A_TIME, async ({ id: fileTransferId }) => {
      const found = await commits.readRecent(fileTransferId)
      const confirmed = found && (await commits.change(found, decide, authorOf(caller)))
      if (confirmed?.ok) changed.set(fileTransferId, confirmed.value.transfer)
      else if (confirmed && confirmed.reason !== 'FileTransferNotFound')
        refused.push({ problem: confirmed.reason, fileTransferId })
    })
    if (refused[0]) return err(refused[0])
    const latest = (each: FileTransfer) => changed.get(each.id) ?? each
    const viewer: Actor = { role: 'Recipient', organization: recipient }
    return ok({ group: { ...group, members: [latest(first), ...others.map(latest)] }, viewer } satisfies Seen)
  }
