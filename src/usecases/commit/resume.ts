import { recipientsOf } from '../../domain/fileTransfer/state.js'
import { effectsOf } from '../../domain/projections/effects.js'
import { searchProjections } from '../../domain/projections/search.js'
import { forEachConcurrent } from '../../lib/forEachConcurrent.js'
import type { FactPointer } from '../ports/messages.js'
import type { OutboxEntry } from '../ports/outbox.js'
import type { ChangePorts } from './change.js'
import { projectAll, resumeSideEffects } from './sideEffects.js'
import { COMMIT_LOST_AFTER_MS, RESUME_AFTER_MS } from './timing.js'

const AT_ONCE = 8

/** Carries out what was committed by processes that did not live to do it. */
export const resumeCommittedChanges = (deps: ChangePorts) => async (): Promise<number> => {
  const now = deps.now().getTime()
  let repaired = 0
  let oldest = 0
  await forEachConcurrent(deps.outbox.all(), AT_ONCE, async (mark) => {
    const age = now - mark.since.getTime()
    oldest = Math.max(oldest, age)
    if (age < RESUME_AFTER_MS) return
    const wasCommitted = await repair(deps, mark)
    if (wasCommitted) repaired++
    if (wasCommitted || age > COMMIT_LOST_AFTER_MS) await deps.outbox.remove(mark)
  })
  deps.measure('repairs', repaired)
  deps.measure('pendingAge', oldest / 1000)
  return repaired
}

async function repair(deps: ChangePorts, { fileTransferId, changeId, first }: OutboxEntry): Promise<boolean> {
  const found = await deps.transfers.readFacts(fileTransferId, first)
  const facts = (found?.facts ?? []).filter((each) => each.changeId === changeId).map(({ fact }) => fact)
  if (!found || facts.length === 0) return false
  await resumeSideEffects(deps, found.transfer, effectsOf(undefined, facts, first, found.transfer))
  deps.log('outbox.resumed', { fileTransferId, sequence: first })
  return true
}

/** Writes the search rows of all actors of a transfer with very many recipients. Throws to be called again. */
export const projectSearch =
  (deps: ChangePorts) =>
  async ({ fileTransferId }: FactPointer): Promise<void> => {
    const found = await deps.transfers.read(fileTransferId)
    if (!found) return
    await projectAll(deps, searchProjections(found.transfer, recipientsOf(found.transfer)))
  }
