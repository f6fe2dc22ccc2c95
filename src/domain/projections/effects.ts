import { deadlinesWithRow } from '../fileTransfer/deadlines.js'
import {
  type AttemptId,
  type Deadline,
  type Fact,
  type FileTransfer,
  findDeadline,
  recipientsOf,
} from '../fileTransfer/state.js'
import { statusAfter } from '../fileTransfer/statusAfter.js'
import { type ActivityRow, activityOf, isActivity } from './activity.js'
import { type EventToPublish, eventsToPublish } from './altinnEvents.js'
import { type SearchProjection, searchProjections } from './search.js'
import { isCounted, mergeByKey, type StatisticsRow, statisticsOf } from './statistics.js'

/** The side effects of a committed change. Each is idempotent. */
export type Effects = {
  /** The search rows of the actors whose searches change. */
  projections: SearchProjection[]
  /** The events to publish. */
  events: EventToPublish[]
  /** Sequence numbers of the facts that are counted, and their statistics. */
  counted: number[]
  statistics: StatisticsRow[]
  /** What the change adds to the view of the service owner. */
  activity?: ActivityRow
  /** The upload to check, and the sequence number of its completion. */
  uploadToCheck?: { attemptId: AttemptId; sequence: number }
  /** Attempts whose blobs are not in use any more. */
  released: AttemptId[]
  /** The resumable ones among them. */
  resumable: AttemptId[]
  /** Deadlines that the change ended, and that have a row. */
  obsoleteDeadlines: Deadline[]
}

/**
 * The side effects of `facts`, the first of which has the sequence number `first`. `after` is the state after them or a
 * later one. Without `before` (an outbox entry is resumed) no deadline is obsolete: its row is deleted when it is due.
 */
export function effectsOf(
  before: FileTransfer | undefined,
  facts: Fact[],
  first: number,
  after: FileTransfer,
): Effects {
  const upload = facts.findIndex(({ type }) => type === 'UploadCompleted')
  const completed = facts[upload]
  const activity = activityOf(after, facts)
  const isToBeChecked = after.status === 'UploadProcessing' && !after.isChecked
  return {
    projections: projectionsOf(facts, first, after),
    events: facts.flatMap((fact, index) => eventsToPublish(after, fact, first + index)),
    counted: facts.flatMap((fact, index) => (isCounted(fact) || isActivity(fact) ? [first + index] : [])),
    statistics: mergeByKey(facts.flatMap((fact, index) => statisticsOf(after, fact, first + index))),
    ...(activity && { activity }),
    ...(isToBeChecked &&
      completed?.type === 'UploadCompleted' && {
        uploadToCheck: { attemptId: completed.file.attemptId, sequence: first + upload },
      }),
    released: facts.flatMap((fact) => ('released' in fact ? fact.released : [])),
    resumable: facts.flatMap((fact) => ('resumable' in fact && fact.resumable ? [fact.resumable] : [])),
    obsoleteDeadlines: before ? obsoleteDeadlines(before, after) : [],
  }
}

/**
 * The deadlines that have a row after a change and may have none yet. The rows are written before the commit, so that
 * there is always one for what comes first.
 */
export function newDeadlines(before: FileTransfer | undefined, after: FileTransfer): Deadline[] {
  const earlier = withRow(before, after.lastFactAt)
  // One that is due may not have been applied, so that those after it have no row.
  const mayMissRows = earlier.some((deadline) => deadline.at <= after.lastFactAt && !isInForce(after, deadline))
  return withRow(after, after.lastFactAt).filter((deadline) => mayMissRows || !findDeadline(earlier, deadline))
}

const obsoleteDeadlines = (before: FileTransfer, after: FileTransfer) =>
  withRow(before, after.lastFactAt).filter((deadline) => !isInForce(after, deadline))

const withRow = (transfer: FileTransfer | undefined, at: Date) => deadlinesWithRow(transfer?.deadlines ?? [], at)
const isInForce = ({ deadlines }: FileTransfer, deadline: Deadline) => findDeadline(deadlines, deadline) !== undefined

/** Every actor's rows when the transfer's status changes or it leaves the searches; a recipient's when its own does. */
function projectionsOf(facts: Fact[], first: number, after: FileTransfer): SearchProjection[] {
  if (facts.some((fact) => statusAfter(fact) || fact.type === 'Unlisted')) {
    return searchProjections(after, recipientsOf(after))
  }
  const acting = facts.flatMap((fact) => ('recipient' in fact ? [fact.recipient] : []))
  const changed = acting.filter((each) => (after.recipients[each]?.statusSequence ?? Infinity) >= first)
  return searchProjections(after, changed).filter(({ actor }) => actor.role === 'Recipient')
}
