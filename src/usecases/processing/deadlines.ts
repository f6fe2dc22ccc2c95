import * as deadlines from '../../domain/fileTransfer/deadlines.js'
import { type Deadline, findDeadline } from '../../domain/fileTransfer/state.js'
import { punctuality } from '../../domain/operating/objectives.js'
import { forEachConcurrent } from '../../lib/forEachConcurrent.js'
import { settleAll } from '../../lib/settleAll.js'
import type { Changed } from '../commit/change.js'
import { orThrow } from '../commit/orThrow.js'
import { COMMIT_LOST_AFTER_MS } from '../commit/timing.js'
import type { TransferCommits } from '../commit/transferCommits.js'
import { type RemovalDeps, removeRest, removeWhole } from '../operating/removeFileTransfers.js'
import type { Messages } from '../ports/messages.js'
import type { DueDeadlines, DueRow } from '../ports/outbox.js'
import type { Log, Measure } from '../ports/telemetry.js'
import { type FinishDeps, finishIfComplete } from '../sending/tus/finishUpload.js'

type ExpireDeps = { due: DueDeadlines; messages: Messages; now: () => Date; log: Log }

export type ApplyDeps = FinishDeps &
  RemovalDeps & { commits: TransferCommits; messages: Messages; measure: Measure; retention: deadlines.Retention }

/**
 * Back-off between two messages of one deadline. The first is long enough for a burst: a message in the queue is not
 * lost, only slow.
 */
const FIRST_BACKOFF_MS = 10 * 60_000
const LONGEST_BACKOFF_MS = 3_600_000
/** Deadlines in one call to the queue, and such calls at a time: callers need the same table. */
const BATCH = 25
const CONCURRENCY = 2

/**
 * Enqueues every deadline whose time has come. Each row stays, and is enqueued again with back-off, until its deadline
 * has been applied. A call during another one has the same result.
 */
export const expireDue = (deps: ExpireDeps) => {
  let running: Promise<number> | undefined
  return (): Promise<number> => {
    running ??= enqueueDue(deps).finally(() => {
      running = undefined
    })
    return running
  }
}

async function enqueueDue(deps: ExpireDeps): Promise<number> {
  const now = deps.now()
  let count = 0
  await forEachConcurrent(inBatches(deps.due.dueBy(now)), CONCURRENCY, async (rows) => {
    count += rows.length
    await deps.messages.enqueueDeadlines(rows)
    await settleAll(rows.map((row) => deps.due.scheduleRetry(row, new Date(now.getTime() + backoffOf(row)))))
  })
  if (count > 0) deps.log('deadlines.enqueued', { count })
  return count
}

const backoffOf = ({ tries }: DueRow) => Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** tries)

async function* inBatches(rows: AsyncIterable<DueRow>) {
  let batch: DueRow[] = []
  for await (const row of rows) {
    batch.push(row)
    if (batch.length < BATCH) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}

/** Applies a deadline, decided again from the state as it is now. Throws to have the message redelivered. */
export const applyDeadline =
  (deps: ApplyDeps) =>
  async (row: DueRow): Promise<void> => {
    const { fileTransferId, kind, sequence, tries } = row
    const aliveUntil = kind === 'uploadIdle' ? await finishIfComplete(deps, fileTransferId) : undefined
    const found = await deps.transfers.read(fileTransferId)
    const isOld = deps.now().getTime() - row.since.getTime() > COMMIT_LOST_AFTER_MS
    if (!found) {
      if (kind === 'forget') await removeRest(deps, fileTransferId)
      return isOld ? deps.due.replace(fileTransferId, [row], []) : undefined
    }

    const inForce = findDeadline(found.transfer.deadlines, row)
    // No facts, when the deadline is not in force any more.
    const changed = await orThrow(
      deps.commits.change(found, (now, at) => ({
        ok: true,
        value: deadlines.applyDeadline(now, row, deps.retention, at, aliveUntil).facts,
      })),
    )
    const { action } = deadlines.applyDeadline(changed.transfer, row, deps.retention, deps.now())
    const isApplied = changed.facts.length > 0 || action !== undefined
    if (isApplied && inForce) {
      const lag = (deps.now().getTime() - inForce.at.getTime()) / 1000
      deps.measure('deadlineLag', lag, { kind, outcome: punctuality('deadlines', lag) })
    }
    if (action === 'warn') {
      deps.measure('slowScans', 1)
      deps.log('scan.slow', { fileTransferId, deadline: kind })
    }
    if (action === 'forget') return removeWhole(deps, changed.snapshot)
    if (action === 'checkUploadAgain' && changed.transfer.status === 'UploadProcessing') {
      const { attemptId } = changed.transfer.file
      deps.log('upload.processingOverdue', { fileTransferId, tries })
      await deps.messages.checkUpload({ fileTransferId, attemptId, sequence, again: tries + 1 })
    }
    if (changed.facts.length > 0) deps.log('deadline.applied', { fileTransferId, deadline: kind })
    const isDone = action === 'warn' || deadlines.isObsolete(changed.transfer, { kind, sequence })
    const isOver = isDone || (isOld && sequence > changed.transfer.sequence)
    await goOn(deps, changed, row, isOver)
  }

/**
 * Removes the row if it is over, and writes the row of the next deadline, unless a change has done both. A deadline
 * that is due as well is applied at once.
 */
async function goOn(deps: ApplyDeps, { transfer, facts }: Changed, row: DueRow, isOver: boolean) {
  const now = deps.now()
  // A warning has been given when the deadline before it was applied first.
  const isGiven = ({ kind, at }: Deadline) => kind === 'scanWarning' && at <= now && row.tries > 0
  const next = deadlines.deadlinesAfter(transfer.deadlines, row, now).filter((deadline) => !isGiven(deadline))
  if (facts.length === 0) await deps.due.replace(transfer.id, isOver ? [row] : [], next)
  const [due] = next.filter(({ at }) => at <= now)
  if (due) await applyDeadline(deps)({ ...due, fileTransferId: transfer.id, tries: 0, since: now })
}
