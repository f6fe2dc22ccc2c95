import { effectsOf } from '../../domain/projections/effects.js'
import { forEachConcurrent } from '../../lib/forEachConcurrent.js'
import type { OutboxEntry } from '../ports/outbox.js'
import type { CommitPorts } from './change.js'
import { resumeSideEffects } from './sideEffects.js'
import { COMMIT_LOST_AFTER_MS, RESUME_AFTER_MS } from './timing.js'

const CONCURRENCY = 8

/** Runs the side effects of commits whose processes died before that; returns the number of these commits. */
export async function resumeCommittedChanges(ports: CommitPorts): Promise<number> {
  const now = ports.now().getTime()
  let resumed = 0
  let oldest = 0
  await forEachConcurrent(ports.outbox.all(), CONCURRENCY, async (entry) => {
    const age = now - entry.since.getTime()
    oldest = Math.max(oldest, age)
    if (age < RESUME_AFTER_MS) return
    const wasCommitted = await resume(ports, entry)
    if (wasCommitted) resumed++
    const isLost = !wasCommitted && age > COMMIT_LOST_AFTER_MS
    if (isLost) await removeSearchRows(ports, entry)
    if (wasCommitted || isLost) await ports.outbox.remove(entry, [])
  })
  ports.measure('resumedChanges', resumed)
  ports.measure('outboxAge', oldest / 1000)
  return resumed
}

/** False: there are no facts of this change, or none yet. */
async function resume(ports: CommitPorts, { fileTransferId, changeId, first }: OutboxEntry): Promise<boolean> {
  const found = await ports.transfers.readFacts(fileTransferId, first)
  const facts = (found?.facts ?? []).filter((each) => each.changeId === changeId).map(({ fact }) => fact)
  if (!found || facts.length === 0) return false
  await resumeSideEffects(ports, found.transfer, effectsOf(undefined, facts, first, found.transfer))
  ports.log('outbox.resumed', { fileTransferId, sequence: first })
  return true
}

/** Of a transfer that was never created: they were written beside its commit. */
const removeSearchRows = ({ searchIndex }: CommitPorts, { fileTransferId, searchers = [] }: OutboxEntry) =>
  forEachConcurrent(searchers, CONCURRENCY, (actor) => searchIndex.remove({ actor, fileTransferId }))
