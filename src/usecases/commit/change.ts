// The only way that a file transfer changes: read, decide, mark, commit, carry out. What must hold when it is cut off at any point:
// a commit has its mark and its due rows before it, so that the timer (announcePending) finds what was committed and not carried out.
import type { Author } from '../../domain/fileTransfer/author.js'
import { evolveAll } from '../../domain/fileTransfer/evolve.js'
import type { Decision, Fact, FileTransfer } from '../../domain/fileTransfer/state.js'
import type { OrganizationNumber } from '../../domain/organizationNumber.js'
import type { Problem } from '../../domain/problems.js'
import { type Effects, effectsOf, newDeadlines } from '../../domain/projections/effects.js'
import { measurementsOf } from '../../domain/projections/metrics.js'
import { outcomesOf } from '../../domain/projections/outcomes.js'
import { err, ok, type Result } from '../../domain/result.js'
import { serializeByKey } from '../../lib/serializeByKey.js'
import type { FileTransferStore, Snapshot, Version } from '../ports/fileTransfers.js'
import type { OutboxEntry } from '../ports/outbox.js'
import type { Measure } from '../ports/telemetry.js'
import { type Heads, headKey, projectedImmediately, runSideEffects, type SideEffectPorts } from './sideEffects.js'
import { ENTRY_STALE_AFTER_MS, GIVE_UP_AFTER_MS, LONGEST_BACKOFF_MS, LONGEST_QUEUE_MS } from './timing.js'

export type ChangePorts = SideEffectPorts & {
  transfers: FileTransferStore
  measure: Measure
  newId: () => string
  now: () => Date
  pause: (milliseconds: number) => Promise<unknown>
}

/** A change that was committed, or was not needed (no facts). `snapshot` is what the next change may begin with. */
export type Changed = { transfer: FileTransfer; facts: Fact[]; snapshot: Snapshot }

/**
 * Changes a transfer that has been read. `decide` is asked again, with the state as it is then, whenever another change came first.
 * Answers when the commit is made and those concerned can search for it. `by` is the caller who asks: it is kept with the
 * facts, and its search rows are never left to a message.
 */
export async function change<P extends Problem>(
  ports: ChangePorts,
  read: Snapshot,
  decide: (transfer: FileTransfer, at: Date) => Decision<P>,
  by?: Author,
): Promise<Result<Changed, P | 'FileTransferBusy' | 'FileTransferNotFound'>> {
  const started = ports.now().getTime()
  // Changes of one transfer wait for each other in this process, for speed: who waited begins with what the one before has left.
  return inTurn(read.transfer.id, async (left) => {
    const isNewer = left && left.transfer.sequence > read.transfer.sequence
    const result = await changeUntilCommitted(ports, isNewer ? left : read, decide, by, started)
    return { result, leave: result.ok ? result.value.snapshot : undefined }
  })
}

const inTurn = serializeByKey<Snapshot>(LONGEST_QUEUE_MS)

async function changeUntilCommitted<P extends Problem>(
  ports: ChangePorts,
  read: Snapshot,
  decide: (transfer: FileTransfer, at: Date) => Decision<P>,
  by: Author | undefined,
  started: number,
): Promise<Result<Changed, P | 'FileTransferBusy' | 'FileTransferNotFound'>> {
  let snapshot: Snapshot | undefined = read
  for (let tries = 1; snapshot; tries++) {
    const { transfer }: Snapshot = snapshot
    const at = new Date(Math.max(ports.now().getTime(), transfer.lastFactAt.getTime()))
    const decision = decide(transfer, at)
    if (!decision.ok) return decision
    const facts = caused(decision.value, by)
    if (facts.length === 0) return ok({ transfer, facts, snapshot })

    const step = { before: snapshot, facts, after: evolveAll(transfer, facts) }
    const done = await commitAndCarryOut(ports, step, by)
    if (done) return ok(done)
    if (ports.now().getTime() - started > GIVE_UP_AFTER_MS) return err('FileTransferBusy')
    await ports.pause(Math.random() * Math.min(LONGEST_BACKOFF_MS, 10 * 2 ** tries))
    snapshot = await ports.transfers.read(transfer.id)
  }
  return err('FileTransferNotFound')
}

/** Begins a transfer. Its id is new and ours, so nobody can come first; 'FileTransferBusy' would mean that someone did. */
export async function create(
  ports: ChangePorts,
  transfer: FileTransfer,
  facts: Fact[],
  by?: Author,
): Promise<Result<Changed, 'FileTransferBusy'>> {
  const step = { before: undefined, facts: caused(facts, by), after: transfer }
  const done = await commitAndCarryOut(ports, step, by)
  return done ? ok(done) : err('FileTransferBusy')
}

const caused = (facts: Fact[], by: Author | undefined) => (by ? facts.map((fact) => ({ ...fact, by })) : facts)

type Step = { before: Snapshot | undefined; facts: Fact[]; after: FileTransfer }

/** Undefined: another change came first, and nothing has happened. */
async function commitAndCarryOut(
  ports: ChangePorts,
  { before, facts, after }: Step,
  by: Author | undefined,
): Promise<Changed | undefined> {
  const actor = by?.organization
  const first = after.sequence - facts.length + 1
  const mark: OutboxEntry = { changeId: ports.newId(), fileTransferId: after.id, first }
  const effects = effectsOf(before?.transfer, facts, first, after)
  const marked = ports.now().getTime()

  const [heads] = await Promise.all([
    headsOf(ports, effects, actor, before === undefined),
    ports.outbox.add(mark),
    ports.due.add(after.id, newDeadlines(before?.transfer, after)),
  ])
  const isStale = ports.now().getTime() - marked > ENTRY_STALE_AFTER_MS
  const version = isStale ? 'conflict' : await commit(ports, mark, { before, facts, after })
  if (version === 'conflict') {
    await ports.outbox.remove(mark).catch(() => {}) // else the repair removes it
    return undefined
  }
  tellOf(ports, { before, facts, after }, first)
  await runSideEffects(ports, mark, after, effects, { heads, actor })
  return { transfer: after, facts, snapshot: { transfer: after, version } }
}

/** What has happened, for those who run the service. */
function tellOf({ log, measure }: ChangePorts, { before, facts, after }: Step, first: number) {
  for (const { event, details } of outcomesOf(after, facts, first)) log(event, details)
  for (const { metric, value, attributes } of measurementsOf(before?.transfer, facts))
    measure(metric, value, attributes)
}

/** An answer that was refused or lost is looked up: the commit may have been made all the same. */
async function commit(
  { transfers }: ChangePorts,
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

/** Stands for a state that has been replaced already: a commit against it is refused, and the transfer is read again. */
const SUPERSEDED: Version = 'W/"superseded"'

/** The heads of those who are shown the change at once. A transfer that is new has none. */
async function headsOf(
  { searchIndex }: ChangePorts,
  effects: Effects,
  actor: OrganizationNumber | undefined,
  isNew: boolean,
): Promise<Heads> {
  const { shown } = projectedImmediately(effects, actor)
  const read = shown.map(
    async (each) => [headKey(each), { read: isNew ? undefined : await searchIndex.readHead(each) }] as const,
  )
  return new Map(await Promise.all(read))
}
