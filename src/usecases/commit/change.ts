import type { Author } from '../../domain/author.js'
import { evolveAll } from '../../domain/fileTransfer/evolve.js'
import type { Decision, Fact, FileTransfer } from '../../domain/fileTransfer/state.js'
import type { Problem } from '../../domain/problems.js'
import { effectsOf, newDeadlines } from '../../domain/projections/effects.js'
import { logLinesOf } from '../../domain/projections/logLines.js'
import { measurementsOf } from '../../domain/projections/metrics.js'
import { err, ok, type Result } from '../../domain/result.js'
import { retryOnConflict } from '../../lib/retryOnConflict.js'
import type { FileTransferStore, Snapshot, Version } from '../ports/fileTransfers.js'
import type { OutboxEntry } from '../ports/outbox.js'
import type { Measure } from '../ports/telemetry.js'
import { projectedImmediately, runSideEffects, type SideEffectPorts, writeSearchRows } from './sideEffects.js'
import { ENTRY_STALE_AFTER_MS, GIVE_UP_AFTER_MS, LONGEST_BACKOFF_MS } from './timing.js'

/** What a commit calls outside the core. */
export type CommitPorts = SideEffectPorts & {
  transfers: FileTransferStore
  measure: Measure
  newId: () => string
  now: () => Date
  pause: (milliseconds: number) => Promise<unknown>
}

/** Decides about a transfer; it decides anew, from the new state, when another change was committed first. */
export type Decide<P extends Problem> = (transfer: FileTransfer, at: Date) => Decision<P>

/**
 * A change that was committed, or was not needed (no facts). `snapshot` is what the next change may begin with;
 * `searchable` resolves when the actors whom the change concerns can search for it, and never rejects.
 */
export type Changed = { transfer: FileTransfer; facts: Fact[]; snapshot: Snapshot; searchable: Promise<void> }

/** Decides and commits, with back-off while other changes come first, until `startedAt` is too long ago. */
export async function changeTransfer<P extends Problem>(
  ports: CommitPorts,
  read: Snapshot,
  decide: Decide<P>,
  by: Author | undefined,
  startedAt: Date,
): Promise<Result<Changed, P | 'FileTransferBusy' | 'FileTransferNotFound'>> {
  const { transfers, now, pause } = ports
  const decideOn = ({ transfer }: Snapshot) =>
    decide(transfer, new Date(Math.max(now().getTime(), transfer.lastFactAt.getTime())))
  /** Decides on a snapshot, but on a fresh one what a stale one refuses or leaves as it is. */
  const decideOnFresh = async (known: Snapshot | undefined) => {
    const decision = known && decideOn(known)
    const changes = decision?.ok && decision.value.length > 0
    if (known && decision && (changes || !known.mayBeStale)) return { snapshot: known, decision }
    const snapshot = await transfers.read(read.transfer.id)
    return snapshot && { snapshot, decision: decideOn(snapshot) }
  }
  const changed = await retryOnConflict(
    async (attempt) => {
      const decided = await decideOnFresh(attempt === 1 ? read : undefined)
      if (!decided) return err('FileTransferNotFound')
      const { snapshot, decision } = decided
      if (!decision.ok) return decision
      const { transfer } = snapshot
      const facts = withAuthor(decision.value, by)
      if (facts.length === 0) return ok({ transfer, facts, snapshot, searchable: Promise.resolve() })
      const committed = await commitAndRunSideEffects(
        ports,
        { before: snapshot, facts, after: evolveAll(transfer, facts) },
        by,
      )
      return committed === 'conflict' ? committed : ok(committed)
    },
    async (attempts) => {
      if (now().getTime() - startedAt.getTime() > GIVE_UP_AFTER_MS) return false
      await pause(Math.random() * Math.min(LONGEST_BACKOFF_MS, 10 * 2 ** attempts))
      return true
    },
  )
  return changed === 'conflict' ? err('FileTransferBusy') : changed
}

/** Commits a new transfer with its first facts. `isIdNew`: nobody else creates this transfer. */
export async function createTransfer(
  ports: CommitPorts,
  transfer: FileTransfer,
  facts: Fact[],
  by: Author | undefined,
  isIdNew: boolean,
): Promise<Result<Changed, 'FileTransferBusy'>> {
  const step = { before: undefined, facts: withAuthor(facts, by), after: transfer, isIdNew }
  const committed = await commitAndRunSideEffects(ports, step, by)
  return committed === 'conflict' ? err('FileTransferBusy') : ok(committed)
}

const withAuthor = (facts: Fact[], by: Author | undefined) => (by ? facts.map((fact) => ({ ...fact, by })) : facts)

type Step = { before: Snapshot | undefined; facts: Fact[]; after: FileTransfer; isIdNew?: boolean }

/** 'conflict': another change came first, and nothing has happened. */
async function commitAndRunSideEffects(
  ports: CommitPorts,
  step: Step,
  by: Author | undefined,
): Promise<Changed | 'conflict'> {
  const { outbox, now } = ports
  const { before, facts, after } = step
  const actor = by?.organization
  const first = after.sequence - facts.length + 1
  const effects = effectsOf(before?.transfer, facts, first, after)
  const { immediate, hasDeferred } = projectedImmediately(effects, actor)
  const entry: OutboxEntry = {
    changeId: ports.newId(),
    fileTransferId: after.id,
    first,
    ...(step.isIdNew && { searchers: immediate.map((projection) => projection.actor) }),
  }
  const project = () => writeSearchRows(ports.searchIndex, immediate, before?.transfer)

  const enteredAt = now().getTime()
  await outbox.add(entry, newDeadlines(before?.transfer, after))
  const isStale = now().getTime() - enteredAt > ENTRY_STALE_AFTER_MS
  // No other commit can come first, so that the rows will be right.
  const early = !isStale && step.isIdNew ? project() : undefined
  early?.catch(() => {}) // nobody awaits it when the commit fails
  const version = isStale ? 'conflict' : await commit(ports, entry, step)
  if (version === 'conflict') {
    await outbox.remove(entry, []).catch(() => {}) // else it is removed when it is old enough: timing.ts
    return 'conflict'
  }
  logAndMeasure(ports, step, first)
  const searchable = runSideEffects(ports, entry, after, effects, early ?? project(), hasDeferred)
  return { transfer: after, facts, snapshot: { transfer: after, version }, searchable }
}

/**
 * A commit that was refused, or whose answer was lost, may have been made all the same: the first of its facts says
 * whose it is.
 */
async function commit(
  { transfers }: CommitPorts,
  { changeId, first }: OutboxEntry,
  { before, facts, after }: Step,
): Promise<Version | 'conflict'> {
  let failure: unknown
  const answer = await transfers.commit(after, facts, changeId, before?.version).catch((error: unknown) => {
    failure = error
    return 'conflict' as const
  })
  if (answer !== 'conflict') return answer
  const isOurs = (await transfers.changeIdAt(after.id, first)) === changeId
  if (!isOurs) {
    if (failure) throw failure
    return 'conflict'
  }
  const now = await transfers.read(after.id)
  return now?.transfer.sequence === after.sequence ? now.version : SUPERSEDED
}

/**
 * The version of a state that has been replaced already: a commit against it is refused, and the transfer is read
 * again.
 */
const SUPERSEDED: Version = 'W/"superseded"'

function logAndMeasure({ log, measure }: CommitPorts, { before, facts, after }: Step, first: number) {
  for (const { event, details } of logLinesOf(after, facts, first)) log(event, details)
  for (const { metric, value, attributes } of measurementsOf(before?.transfer, facts)) {
    measure(metric, value, attributes)
  }
}
