// Blobs that a process did not live to delete. Blocks that were never committed need nothing: Azure discards them after a week.
import { attemptsInUse, resumableAttempt } from '../../domain/fileTransfer/state.js'
import { forEachConcurrent } from '../../lib/forEachConcurrent.js'
import type { BlobLocation, FileBlobs } from '../ports/blobs.js'
import type { FileTransferStore } from '../ports/fileTransfers.js'
import type { IdempotencyKeys } from '../ports/resources.js'
import type { Log } from '../ports/telemetry.js'
import type { BlockStore } from '../ports/tus.js'

type Deps = {
  transfers: FileTransferStore
  blobs: FileBlobs
  blocks: BlockStore
  idempotencyKeys: IdempotencyKeys
  /** Transfers go with their blobs: where blobs are left of more than so many that no table knows, rather rows are lost, and these blobs are spared. */
  unknownTransfers: number
  now: () => Date
  log: Log
}

/** What is younger may belong to work that is under way. */
const SPARED_MS = 48 * 3_600_000
const AT_ONCE = 16

/**
 * Deletes the blobs that no transfer holds, and the idempotency keys that bind nobody any more. Of what is there it reads every name: it is the
 * one job that lists, once a day.
 */
export const sweepOrphans = (deps: Deps) => async (): Promise<void> => {
  const before = new Date(deps.now().getTime() - SPARED_MS)
  const blobs = await sweepBlobs(deps, before)
  const keys = await deps.idempotencyKeys.removeOlder(before)
  deps.log('orphans.swept', { ...blobs, keys })
}

async function sweepBlobs({ transfers, blobs, blocks, log, unknownTransfers }: Deps, before: Date) {
  const counts = { listed: 0, orphans: 0 }
  const strangers: string[] = []

  /** Those that are old and ours. */
  async function* candidates() {
    for await (const { place, tail, address, etag, modifiedAt } of blobs.list()) {
      counts.listed++
      if (!place) strangers.push(address)
      else if (modifiedAt < before) yield { place, tail, etag }
    }
  }
  async function remove(orphans: Candidate[]) {
    counts.orphans += orphans.length
    for (const { place, tail, etag } of orphans) {
      await (tail === undefined ? blobs.remove(place, etag) : blocks.removeTail(place, tail))
      log('orphans.blobDeleted', { ...place })
    }
  }

  const unknown: Candidate[][] = []
  await forEachConcurrent(byTransfer(candidates()), AT_ONCE, async ({ id, some }) => {
    const found = await transfers.read(id)
    if (!found) {
      if (unknown.length <= unknownTransfers) unknown.push(some)
      return
    }
    const held = attemptsInUse(found.transfer)
    const underWay = resumableAttempt(found.transfer)?.id
    const isHeld = ({ place: { attemptId }, tail }: Candidate) =>
      tail === undefined ? held.includes(attemptId) : attemptId === underWay
    await remove(some.filter((each) => !isHeld(each)))
  })
  if (unknown.length > unknownTransfers) {
    log('orphans.tooManyUnknown', { transfers: unknown.length, first: unknown[0]?.[0]?.place.fileTransferId })
  } else {
    await forEachConcurrent(unknown, AT_ONCE, remove)
  }
  if (strangers.length > 0) {
    log('orphans.unknownBlobs', { count: strangers.length, first: strangers[0] })
  }
  return counts
}

type Candidate = { place: BlobLocation; tail: string | undefined; etag: string }

/** Blobs that come one after the other and belong to one transfer, together. */
async function* byTransfer(listed: AsyncIterable<Candidate>) {
  let some: Candidate[] = []
  for await (const one of listed) {
    const [first] = some
    if (first && first.place.fileTransferId !== one.place.fileTransferId) {
      yield { id: first.place.fileTransferId, some }
      some = []
    }
    some.push(one)
  }
  const [first] = some
  if (first) yield { id: first.place.fileTransferId, some }
}
