import { attemptsInUse, type FileTransfer } from '../../domain/fileTransfer/state.js'
import type { OrganizationNumber } from '../../domain/organizationNumber.js'
import type { Effects } from '../../domain/projections/effects.js'
import type { SearchProjection } from '../../domain/projections/search.js'
import { forEachConcurrent } from '../../lib/forEachConcurrent.js'
import { settleAll } from '../../lib/settleAll.js'
import type { FileBlobs } from '../ports/blobs.js'
import type { Messages } from '../ports/messages.js'
import type { DueDeadlines, Outbox, OutboxEntry } from '../ports/outbox.js'
import type { SearchHead, SearchIndex } from '../ports/search.js'
import type { Log } from '../ports/telemetry.js'
import type { BlockStore, TusUploads } from '../ports/tus.js'
import { blobLocation } from './blobLocation.js'
import { discardUploads } from './discardUpload.js'
import { deliveryOf } from './eventIds.js'

export type SideEffectPorts = {
  searchIndex: SearchIndex
  messages: Messages
  blobs: FileBlobs
  blocks: BlockStore
  tusUploads: TusUploads
  due: DueDeadlines
  outbox: Outbox
  log: Log
  /** Lets the work go on when the caller has been answered; it is awaited when the process ends. */
  inBackground: (work: Promise<unknown>) => void
}

/** With more recipients than this, those who did not ask are told, and find the change in their searches, a moment later, by a message. */
const AT_ONCE = 25

/** The projections that a caller waits for, and whether others are left to a message. */
export function projectedImmediately({ projections }: Effects, actor: OrganizationNumber | undefined) {
  if (projections.length <= AT_ONCE + 1) return { shown: projections, hasDeferred: false }
  const isClose = ({ actor: { role, organization } }: SearchProjection) => role === 'Sender' || organization === actor
  return { shown: projections.filter(isClose), hasDeferred: true }
}

/** The head rows that were read before the commit, by `headKey`; a head that is not among them is read when it is needed. */
export type Heads = Map<string, { read: SearchHead }>
export const headKey = ({ actor }: SearchProjection): string => `${actor.role}/${actor.organization}`

/**
 * Does what follows from a committed change. Resolves when those concerned can search for it; the rest goes on behind. It never fails: what
 * could not be done keeps its mark, and the timer does it again.
 */
export async function runSideEffects(
  ports: SideEffectPorts,
  mark: OutboxEntry,
  after: FileTransfer,
  effects: Effects,
  { heads, actor }: { heads: Heads; actor: OrganizationNumber | undefined },
): Promise<void> {
  const { shown, hasDeferred } = projectedImmediately(effects, actor)
  const searchable = settleAll(shown.map((each) => ports.searchIndex.project(each, heads.get(headKey(each)))))
  const all = settleAll([
    searchable,
    hasDeferred ? ports.messages.project(after.id, after.sequence) : undefined,
    tell(ports, after, effects),
  ])
  const finished = all
    .then(() => ports.outbox.remove(mark))
    .catch((error: unknown) => ports.log('outbox.deferred', { ...mark, error: String(error) }))
  ports.inBackground(finished)
  await searchable.catch(() => {}) // logged above
}

/** Does all that follows from a committed change, once more, and waits for it. */
export async function resumeSideEffects(ports: SideEffectPorts, after: FileTransfer, effects: Effects): Promise<void> {
  await tell(ports, after, effects)
  await projectAll(ports, effects.projections)
}

/** Writes the search rows of these actors, some at a time. */
export const projectAll = ({ searchIndex }: Pick<SideEffectPorts, 'searchIndex'>, projections: SearchProjection[]) =>
  forEachConcurrent(projections, AT_ONCE, (projection) => searchIndex.project(projection))

/** The messages, and the clean-up. Blobs go last: only those that the committed state does not hold. */
async function tell(ports: SideEffectPorts, after: FileTransfer, effects: Effects): Promise<void> {
  const { messages, blobs, due } = ports
  const { events, counted, statistics } = effects
  // Of more, one message says that they are to be told, and who takes it sends them.
  const isAtOnce = events.length <= AT_ONCE
  const told = isAtOnce ? [] : [...new Set(events.map(({ sequence }) => sequence))]
  const held = attemptsInUse(after)
  const isGone = (attemptId: string) => !held.includes(attemptId)
  await settleAll([
    messages.deliver(isAtOnce ? events.map(deliveryOf) : []),
    messages.notifyOfChange({
      ...{ fileTransferId: after.id, told, counted },
      ...(statistics.length <= AT_ONCE && { statistics }),
    }),
    effects.uploadToCheck && messages.checkUpload({ fileTransferId: after.id, ...effects.uploadToCheck }),
    due.remove(after.id, effects.obsoleteDeadlines),
    ...effects.released.filter(isGone).map((attemptId) => blobs.remove(blobLocation(after, attemptId))),
    discardUploads(ports, after, effects.resumable.filter(isGone)),
  ])
}
