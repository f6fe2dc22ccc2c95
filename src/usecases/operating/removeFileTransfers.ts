import { type Author, authorFields } from '../../domain/author.js'
import type { AttemptId, FileTransfer, FileTransferId } from '../../domain/fileTransfer/state.js'
import { attemptsInUse, recipientsOf, resumableAttempt } from '../../domain/fileTransfer/state.js'
import { searchProjections } from '../../domain/projections/search.js'
import { forEachConcurrent } from '../../lib/forEachConcurrent.js'
import { blobLocation } from '../commit/blobLocation.js'
import type { FileBlobs } from '../ports/blobs.js'
import type { DeliveryLog } from '../ports/events.js'
import type { FileTransferReader, FileTransferRemoval, RecordedFact, Snapshot } from '../ports/fileTransfers.js'
import type { Messages } from '../ports/messages.js'
import type { DueDeadlines } from '../ports/outbox.js'
import type { SearchIndex } from '../ports/search.js'
import type { Log } from '../ports/telemetry.js'
import type { BlockStore } from '../ports/tus.js'

type CleanUpDeps = { removal: FileTransferRemoval; messages: Messages; newId: () => string; now: () => Date; log: Log }

export type RemovalDeps = {
  transfers: FileTransferReader
  removal: FileTransferRemoval
  deliveryLog: DeliveryLog
  searchIndex: SearchIndex
  due: DueDeadlines
  blobs: FileBlobs
  blocks: BlockStore
  now: () => Date
  log: Log
}

/** The resource that the use-case tests of Altinn Broker send on. Only its transfers are ever removed. */
const USE_CASE_TEST_RESOURCE = 'bruksmonster-broker'

const DAY_MS = 24 * 3_600_000
const BATCH = 100
const CONCURRENCY = 25
/** The side effects of a change run within this time; those that are resumed later find no transfer. */
const SIDE_EFFECTS_MS = 60_000

/**
 * Enqueues the removal of the use-case tests' transfers that are this old; returns how many there are, and the id of
 * the job.
 */
export const cleanUpUseCaseTests =
  ({ removal, messages, now, newId, log }: CleanUpDeps) =>
  async (minAgeDays: number, by?: Author): Promise<{ resourceId: string; found: number; jobId: string }> => {
    const jobId = newId()
    const before = new Date(now().getTime() - minAgeDays * DAY_MS)
    let found = 0
    let ids: FileTransferId[] = []
    for await (const id of removal.ofResource(USE_CASE_TEST_RESOURCE, before)) {
      ids.push(id)
      found++
      if (ids.length < BATCH) continue
      await messages.removeFileTransfers(ids, jobId)
      ids = []
    }
    await messages.removeFileTransfers(ids, jobId)
    log('removal.scheduled', { minAgeDays, found, jobId, ...authorFields(by) })
    return { resourceId: USE_CASE_TEST_RESOURCE, found, jobId }
  }

/** Removes a transfer of the use-case tests with all that belongs to it. Throws to have the message redelivered. */
export const removeFileTransfer =
  (deps: RemovalDeps) =>
  async ({ fileTransferId }: { fileTransferId: FileTransferId }): Promise<void> => {
    const found = await deps.transfers.read(fileTransferId)
    if (found && found.transfer.resourceId !== USE_CASE_TEST_RESOURCE) {
      return deps.log('removal.refused', { fileTransferId })
    }
    if (found) await removeWhole(deps, found)
    else await removeRest(deps, fileTransferId)
  }

/**
 * Removes a transfer with all that belongs to it. Its search rows are removed first, since nothing else can name them;
 * its blobs only after the transfer itself (if that fails, `sweepOrphans` finds them); its due rows last, so that a
 * deadline that failed half-way is applied again.
 */
export async function removeWhole(deps: RemovalDeps, { transfer, version }: Snapshot): Promise<void> {
  const { transfers, removal, blobs, due, log, now } = deps
  const { id } = transfer
  const { facts = [] } = (await transfers.readFacts(id, 1)) ?? {}
  await removeFromSearch(deps, transfer)
  if ((await removal.remove(id, version)) === 'conflict') {
    throw new Error(`The file transfer ${id} has changed while it was removed.`)
  }
  await deps.deliveryLog.remove(id)
  await forEachConcurrent(attemptsOf(transfer, facts), CONCURRENCY, (attemptId) =>
    blobs.remove(blobLocation(transfer, attemptId)),
  )
  const resumable = resumableAttempt(transfer)
  if (resumable) await deps.blocks.discard(blobLocation(transfer, resumable.id))
  const isFresh = now().getTime() - transfer.lastFactAt.getTime() < SIDE_EFFECTS_MS
  // The side effects of its last change may have written them again.
  if (isFresh) await removeFromSearch(deps, transfer)
  await due.replace(id, transfer.deadlines, [])
  log('fileTransfer.removed', { fileTransferId: id })
}

/** Removes what a removal that was interrupted after the state has left behind. */
export async function removeRest(
  { removal, deliveryLog }: Pick<RemovalDeps, 'removal' | 'deliveryLog'>,
  id: FileTransferId,
): Promise<void> {
  await removal.remove(id, undefined)
  await deliveryLog.remove(id)
}

/** Every attempt there ever was: also those that were abandoned may have left a blob. */
function attemptsOf(transfer: FileTransfer, facts: RecordedFact[]): Set<AttemptId> {
  const begun = facts.flatMap(({ fact }) => (fact.type === 'UploadStarted' ? [fact.attemptId] : []))
  return new Set([...begun, ...attemptsInUse(transfer)])
}

const removeFromSearch = ({ searchIndex }: Pick<RemovalDeps, 'searchIndex'>, transfer: FileTransfer) =>
  forEachConcurrent(searchProjections(transfer, recipientsOf(transfer)), CONCURRENCY, (projection) =>
    searchIndex.remove(projection),
  )
