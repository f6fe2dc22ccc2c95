import * as deadlines from '../../domain/fileTransfer/deadlines.js'
import type { DeadlineSettings } from '../../domain/fileTransfer/upload.js'
import { punctuality } from '../../domain/operating/objectives.js'
import { forEachConcurrent } from '../../lib/forEachConcurrent.js'
import { settleAll } from '../../lib/settleAll.js'
import { type ChangePorts, change } from '../commit/change.js'
import { COMMIT_LOST_AFTER_MS } from '../commit/timing.js'
import { removeRest, removeWhole } from '../operating/removeFileTransfers.js'
import type { DeliveryLog } from '../ports/events.js'
import type { FileTransferRemoval } from '../ports/fileTransfers.js'
import type { DueRow } from '../ports/outbox.js'
import { finishIfComplete } from '../sending/tus/finishUpload.js'
import { orThrow } from './processUpload.js'

type Deps = ChangePorts & {
  retention: deadlines.Retention
  removal: FileTransferRemoval
  deliveryLog: DeliveryLog
  deadlines: DeadlineSettings
}

/** Long enough for a burst of deadlines to be worked off: a message in the queue is not lost, only slow. */
const FIRST_PAUSE_MS = 10 * 60_000
const LONGEST_PAUSE_MS = 3_600_000
/** So many deadlines go by one call to the queue, and so many calls at once: callers want the same table. */
const BATCH = 25
const AT_ONCE = 2

/**
 * Hands every deadline whose time has come to the queue. Each row stays, resting longer each time, until whoever meets it removes it. Asked again
 * while it is at it, it goes on with what it is doing.
 */
export const expireDue = (deps: ChangePorts) => {
  let running: Promise<number> | undefined
  return (): Promise<number> => {
    running ??= handOn(deps).finally(() => {
      running = undefined
    })
    return running
  }
}

async function handOn(deps: ChangePorts): Promise<number> {
  const now = deps.now()
  let count = 0
  await forEachConcurrent(inBatches(deps.due.until(now)), AT_ONCE, async (rows) => {
    count += rows.length
    await deps.messages.enqueueDeadlines(rows)
    await settleAll(rows.map((row) => deps.due.postpone(row, new Date(now.getTime() + pauseAfter(row)))))
  })
  if (count > 0) deps.log('deadlines.enqueued', { count })
  return count
}

const pauseAfter = ({ tries }: DueRow) => Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** tries)

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

/** Does what a deadline asks for, decided anew from the state as it is. Throws to be called again. */
export const applyDeadline =
  (deps: Deps) =>
  async (row: DueRow): Promise<void> => {
    const { fileTransferId, kind, sequence, tries } = row
    const aliveUntil = kind === 'uploadIdle' ? await finishIfComplete(deps, fileTransferId) : undefined
    const found = await deps.transfers.read(fileTransferId)
    const isOld = deps.now().getTime() - row.since.getTime() > COMMIT_LOST_AFTER_MS
    if (!found) {
      if (kind === 'forget') await removeRest(deps, fileTransferId)
      return isOld ? deps.due.remove(fileTransferId, [row]) : undefined
    }

    const inForce = found.transfer.deadlines.find((each) => each.kind === kind && each.sequence === sequence)
    // No facts, when the deadline does not hold any more.
    const changed = await orThrow(
      change(deps, found, (now, at) => ({
        ok: true,
        value: deadlines.applyDeadline(now, row, deps.retention, at, aliveUntil).facts,
      })),
    )
    const { also } = deadlines.applyDeadline(changed.transfer, row, deps.retention, deps.now())
    const isMet = changed.facts.length > 0 || also !== undefined
    if (isMet && inForce) {
      const lag = (deps.now().getTime() - inForce.at.getTime()) / 1000
      deps.measure('deadlineLag', lag, { kind, outcome: punctuality('deadlines', lag) })
    }
    if (also === 'warn') {
      deps.measure('slowScans', 1)
      deps.log('scan.slow', { fileTransferId, deadline: kind })
    }
    if (also === 'forget') return removeWhole(deps, changed.snapshot)
    if (also === 'checkUploadAgain' && changed.transfer.status === 'UploadProcessing') {
      const { attemptId } = changed.transfer.file
      deps.log('upload.processingOverdue', { fileTransferId, tries })
      return deps.messages.checkUpload({ fileTransferId, attemptId, sequence, again: tries + 1 })
    }
    if (changed.facts.length > 0) deps.log('deadline.applied', { fileTransferId, deadline: kind })
    const mayGo = also === 'warn' || deadlines.isSettled(changed.transfer, { kind, sequence })
    if (mayGo || (isOld && sequence > changed.transfer.sequence)) await deps.due.remove(fileTransferId, [row])
  }
