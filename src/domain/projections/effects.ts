import { type AttemptId, type Deadline, type Fact, type FileTransfer, recipientsOf } from '../fileTransfer/state.js'
import { statusAfter } from '../statusAfter.js'
import { type OwedEvent, owedEvents } from './altinnEvents.js'
import { type SearchProjection, searchProjections } from './search.js'
import { isCounted, mergeByKey, type StatisticsRow, statisticsOf } from './statistics.js'

/** What a committed change owes to the world. All of it may be done twice. */
export type Effects = {
  /** Where the transfer now stands in the searches of those that the change concerns. */
  projections: SearchProjection[]
  /** What actors are told. */
  events: OwedEvent[]
  /** Sequence numbers of the facts that are counted, and what they add to the statistics. */
  counted: number[]
  statistics: StatisticsRow[]
  /** The upload to check, and the sequence number of the fact that asks for it. */
  uploadToCheck?: { attemptId: AttemptId; sequence: number }
  /** Attempts whose blobs nobody holds any more. */
  released: AttemptId[]
  /** Those among them whose bytes came in several requests. */
  resumable: AttemptId[]
  /** Deadlines that are not in force any more. */
  settled: Deadline[]
}

/**
 * The effects of `facts`, the first of which has the sequence number `first`. `after` is the state they led to, or a later one. Without
 * `before` (a repair) no deadline is named as settled: a row that is left finds out by itself when its time comes.
 */
export function effectsOf(
  before: FileTransfer | undefined,
  facts: Fact[],
  first: number,
  after: FileTransfer,
): Effects {
  const upload = facts.findIndex(({ type }) => type === 'UploadCompleted')
  const completed = facts[upload]
  const isToBeChecked = after.status === 'UploadProcessing' && !after.isChecked
  return {
    projections: projectionsOf(facts, after),
    events: facts.flatMap((fact, index) => owedEvents(after, fact, first + index)),
    counted: facts.flatMap((fact, index) => (isCounted(fact) ? [first + index] : [])),
    statistics: mergeByKey(facts.flatMap((fact, index) => statisticsOf(after, fact, first + index))),
    ...(isToBeChecked &&
      completed?.type === 'UploadCompleted' && {
        uploadToCheck: { attemptId: completed.file.attemptId, sequence: first + upload },
      }),
    released: facts.flatMap((fact) => ('released' in fact ? fact.released : [])),
    resumable: facts.flatMap((fact) => ('resumable' in fact && fact.resumable ? [fact.resumable] : [])),
    settled: (before?.deadlines ?? []).filter((deadline) => !isAmong(after.deadlines, deadline)),
  }
}

/** The deadlines that a change sets: their rows are written before it. */
export const newDeadlines = (before: FileTransfer | undefined, after: FileTransfer): Deadline[] =>
  after.deadlines.filter((deadline) => !isAmong(before?.deadlines ?? [], deadline))

const isAmong = (deadlines: Deadline[], { kind, sequence }: Deadline) =>
  deadlines.some((each) => each.kind === kind && each.sequence === sequence)

/** A change of the transfer's status, or of who may find it, concerns all; what one recipient did, that recipient; the rest is not searched for. */
function projectionsOf(facts: Fact[], after: FileTransfer): SearchProjection[] {
  if (facts.some(concernsAll)) {
    return searchProjections(after, recipientsOf(after))
  }
  const acting = facts.flatMap((fact) => ('recipient' in fact ? [fact.recipient] : []))
  return searchProjections(after, acting).filter(({ actor }) => actor.role === 'Recipient')
}

const concernsAll = (fact: Fact) => statusAfter(fact) !== undefined || fact.type === 'Unlisted'
