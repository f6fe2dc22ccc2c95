import { type Author, authorFields } from '../../domain/fileTransfer/author.js'
import type { AttemptId, FileTransfer, FileTransferId } from '../../domain/fileTransfer/state.js'
import { attemptsInUse, recipientsOf, resumableAttempt } from '../../domain/fileTransfer/state.js'
import { searchProjections } from '../../domain/projections/search.js'
import { forEachConcurrent } from '../../lib/forEachConcurrent.js'
import { blobLocation } from '../commit/blobLocation.js'
import type { ChangePorts } from '../commit/change.js'
import type { DeliveryLog } from '../ports/events.js'
import type { FileTransferRemoval, RecordedFact, Snapshot } from '../ports/fileTransfers.js'

type Deps = ChangePorts & { removal: FileTransferRemoval; deliveryLog: DeliveryLog }

/** The resource that the use-case tests of Altinn Broker send on. Only its transfers are ever removed. */
const USE_CASE_TEST_RESOURCE = 'bruksmonster-broker'

const DAY_MS = 24 * 3_600_000
const MESSAGES_AT_ONCE = 100
const AT_ONCE = 25
/** What follows from a change is done within this time, or by the repair, which finds no transfer any more. */
const MAY_STILL_BE_SHOWN_MS = 60_000

/** Has the transfers of the use-case tests removed that are at least so many days old; tells how many there are, and the id of the job. */
export const cleanUpUseCaseTests =
  ({ removal, messages, now, newId, log }: Deps) =>
  async (minAgeDays: number, by?: Author): Promise<{ resourceId: string; found: number; jobId: string }> => {
    const jobId = newId()
    const before = new Date(now().getTime() - minAgeDays * DAY_MS)
    let found = 0
    let ids: FileTransferId[] = []
    for await (const id of removal.ofResource(USE_CASE_TEST_RESOURCE, before)) {
      ids.push(id)
      found++
      if (ids.length < MESSAGES_AT_ONCE) continue
      await messages.removeFileTransfers(ids, jobId)
      ids = []
    }
    await messages.removeFileTransfers(ids, jobId)
    log('removal.scheduled', { minAgeDays, found, jobId, ...authorFields(by) })
    return { resourceId: USE_CASE_TEST_RESOURCE, found, jobId }
  }

/** Removes a transfer of the use-case tests with all that belongs to it. Throws to be called again. */
export const removeFileTransfer =
  (deps: Deps) =>
  async ({ fileTransferId }: { fileTransferId: FileTransferId }): Promise<void> => {
    const found = await deps.transfers.read(fileTransferId)
    if (found && found.transfer.resourceId !== USE_CASE_TEST_RESOURCE) {
      return deps.log('removal.refused', { fileTransferId })
    }
    if (found) await removeWhole(deps, found)
    else await removeRest(deps, fileTransferId)
  }

/**
 * Removes a transfer with all that belongs to it. Its search rows go first, since nothing else can name them. Its files go when it is sure that
 * there is no transfer any more; if they do not, `sweepOrphans` finds them. The due rows go last, so that whoever came by one comes again.
 */
export async function removeWhole(deps: Deps, { transfer, version }: Snapshot): Promise<void> {
  const { transfers, removal, blobs, due, log, now } = deps
  const { id } = transfer
  const { facts = [] } = (await transfers.readFacts(id, 1)) ?? {}
  await removeFromSearch(deps, transfer)
  if ((await removal.remove(id, version)) === 'conflict') {
    throw new Error(`The file transfer ${id} has changed while it was removed.`)
  }
  await deps.deliveryLog.remove(id)
  await forEachConcurrent(attemptsOf(transfer, facts), AT_ONCE, (attemptId) =>
    blobs.remove(blobLocation(transfer, attemptId)),
  )
  const resumable = resumableAttempt(transfer)
  if (resumable) await deps.blocks.discard(blobLocation(transfer, resumable.id))
  const isFresh = now().getTime() - transfer.lastFactAt.getTime() < MAY_STILL_BE_SHOWN_MS
  if (isFresh) await removeFromSearch(deps, transfer) // its last change may have been on its way there
  await due.remove(id, transfer.deadlines)
  log('fileTransfer.removed', { fileTransferId: id })
}

/** Removes what a removal that was cut off has left behind the state. */
export async function removeRest({ removal, deliveryLog }: Deps, id: FileTransferId): Promise<void> {
  await removal.remove(id, undefined)
  await deliveryLog.remove(id)
}

/** Every attempt there ever was: also of those that were given up something may be left. */
function attemptsOf(transfer: FileTransfer, facts: RecordedFact[]): Set<AttemptId> {
  const begun = facts.flatMap(({ fact }) => (fact.type === 'UploadStarted' ? [fact.attemptId] : []))
  return new Set([...begun, ...attemptsInUse(transfer)])
}

const removeFromSearch = ({ searchIndex }: Deps, transfer: FileTransfer) =>
  forEachConcurrent(searchProjections(transfer, recipientsOf(transfer)), AT_ONCE, (projection) =>
    searchIndex.remove(projection),
  )
