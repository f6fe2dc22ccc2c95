import { attemptsInUse, type FileTransfer } from '../../domain/fileTransfer/state.js'
import type { OrganizationNumber } from '../../domain/organizationNumber.js'
import type { Effects } from '../../domain/projections/effects.js'
import { projectionOf, type SearchProjection } from '../../domain/projections/search.js'
import { forEachConcurrent } from '../../lib/forEachConcurrent.js'
import { settleAll } from '../../lib/settleAll.js'
import type { SharedWaits } from '../../lib/sharedWaits.js'
import type { ActivityStore } from '../ports/activity.js'
import type { FileBlobs } from '../ports/blobs.js'
import type { EventDelivery } from '../ports/events.js'
import type { Inbox } from '../ports/inbox.js'
import type { Messages } from '../ports/messages.js'
import type { Outbox, OutboxEntry } from '../ports/outbox.js'
import type { SearchIndex } from '../ports/search.js'
import type { StatisticsStore } from '../ports/statistics.js'
import type { Log } from '../ports/telemetry.js'
import type { BlockStore, TusUploads } from '../ports/tus.js'
import { addToInboxes } from './addToInboxes.js'
import { blobLocation } from './blobLocation.js'
import { discardUpload } from './discardUpload.js'
import { deliveryOf } from './eventIds.js'
import { writeActivity } from './writeActivity.js'
import { writeStatistics } from './writeStatistics.js'

/** What the side effects of a commit call outside the core. */
export type SideEffectPorts = {
  searchIndex: SearchIndex
  messages: Messages
  /** Delivers the events of a change that is not resumed; what fails is enqueued. */
  deliverAtOnce: (deliveries: EventDelivery[]) => Promise<void>
  blobs: FileBlobs
  blocks: BlockStore
  tusUploads: TusUploads
  outbox: Outbox
  statistics: StatisticsStore
  activity: ActivityStore
  inbox: Inbox
  /** Those who wait for a file transfer or an inbox, in this process. */
  waits: SharedWaits
  now: () => Date
  log: Log
  /** Continues the work after the caller has been answered; it is awaited when the process ends. */
  inBackground: (work: Promise<unknown>) => void
}

/** A change that concerns more recipients defers to a message the events and search rows of all but the caller. */
const MANY = 25

/** The projections that a caller waits for, and whether others are deferred to a message. */
export function projectedImmediately({ projections }: Effects, caller: OrganizationNumber | undefined) {
  if (projections.length <= MANY + 1) return { immediate: projections, hasDeferred: false }
  const isClose = ({ actor: { role, organization } }: SearchProjection) => role === 'Sender' || organization === caller
  return { immediate: projections.filter(isClose), hasDeferred: true }
}

/** Replaces the search rows of these actors, which are taken to be those of the state before. */
export const writeSearchRows = (
  searchIndex: SearchIndex,
  projections: SearchProjection[],
  before: FileTransfer | undefined,
): Promise<void> =>
  settleAll(
    projections.map((each) => searchIndex.project(each, { replaced: before && projectionOf(before, each.actor) })),
  )

/**
 * Runs the side effects of a committed change, beside the writing of its search rows. Resolves when the actors whom it
 * concerns can search for it; the rest continues in the background. It never fails: where a side effect fails, the
 * outbox entry stays, and the change is resumed.
 */
export async function runSideEffects(
  ports: SideEffectPorts,
  entry: OutboxEntry,
  after: FileTransfer,
  effects: Effects,
  searchRows: Promise<void>,
  hasDeferred: boolean,
): Promise<void> {
  const all = settleAll([
    searchRows,
    hasDeferred ? ports.messages.project(after.id, after.sequence) : undefined,
    publishAndCleanUp(ports, after, effects, false),
  ])
  const finished = all
    .then(() => ports.outbox.remove(entry, effects.obsoleteDeadlines))
    .catch((error: unknown) => {
      const { fileTransferId, changeId, first } = entry
      ports.log('outbox.deferred', { fileTransferId, changeId, first, error: String(error) })
    })
  ports.inBackground(finished)
  await searchRows.catch(() => {}) // logged above
}

/** Runs the side effects of a committed change once more, and waits for all of them. */
export async function resumeSideEffects(ports: SideEffectPorts, after: FileTransfer, effects: Effects): Promise<void> {
  // An inbox that is busy for long holds up no search rows.
  await settleAll([publishAndCleanUp(ports, after, effects, true), projectAll(ports.searchIndex, effects.projections)])
}

/** Writes the search rows of these actors, some at a time. */
export const projectAll = (searchIndex: SearchIndex, projections: SearchProjection[]) =>
  forEachConcurrent(projections, MANY, (projection) => searchIndex.project(projection))

/** The messages, and the clean-up: only blobs and uploads that the committed state does not hold. */
async function publishAndCleanUp(
  ports: SideEffectPorts,
  after: FileTransfer,
  effects: Effects,
  isResumed: boolean,
): Promise<void> {
  const { messages, blobs } = ports
  const { events, counted, statistics, activity } = effects
  // Many events are not sent from here: the change notification names their facts, and its receiver sends them.
  const areMany = events.length > MANY
  const told = areMany ? [...new Set(events.map(({ sequence }) => sequence))] : []
  const deliver = isResumed ? messages.deliver : ports.deliverAtOnce
  const held = attemptsInUse(after)
  const isReleased = (attemptId: string) => !held.includes(attemptId)
  await settleAll([
    areMany ? undefined : deliver(events.map((event) => deliveryOf(event, isResumed))),
    addToInboxes(ports, events),
    count(ports, after, effects).then((isCounted) =>
      messages.notifyOfChange({
        fileTransferId: after.id,
        told,
        counted: isCounted ? [] : counted,
        ...(isResumed && { isRepeated: true }),
        ...(statistics.length <= MANY && !isCounted && { statistics, activity }),
      }),
    ),
    effects.uploadToCheck && messages.checkUpload({ fileTransferId: after.id, ...effects.uploadToCheck }),
    ...effects.released.filter(isReleased).map((attemptId) => blobs.remove(blobLocation(after, attemptId))),
    ...effects.resumable.filter(isReleased).map((attemptId) => discardUpload(ports, after, attemptId)),
  ])
}

/** Writes the statistics of a change; false: they are many, or the table did not take them, so that a message does it. */
async function count(
  ports: SideEffectPorts,
  { id }: FileTransfer,
  { statistics, activity }: Effects,
): Promise<boolean> {
  if (statistics.length > MANY) return false
  try {
    await settleAll([writeStatistics(ports, statistics), writeActivity(ports, activity)])
    return true
  } catch (error) {
    ports.log('statistics.deferred', { fileTransferId: id, error: String(error) })
    return false
  }
}
