import { attemptsInUse, resumableAttempt } from '../../domain/fileTransfer/state.js'
import { forEachConcurrent } from '../../lib/forEachConcurrent.js'
import type { BlobLocation, FileBlobs } from '../ports/blobs.js'
import type { FileTransferReader } from '../ports/fileTransfers.js'
import type { Inbox } from '../ports/inbox.js'
import type { IdempotencyKeys } from '../ports/resources.js'
import type { Log } from '../ports/telemetry.js'
import type { BlockStore } from '../ports/tus.js'

type Deps = {
  transfers: FileTransferReader
  blobs: FileBlobs
  blocks: BlockStore
  idempotencyKeys: IdempotencyKeys
  inbox: Inbox
  /**
   * A transfer is removed with its blobs. If there are blobs of more transfers than this without rows, rows must have
   * been lost: none is deleted.
   */
  unknownTransfers: number
  now: () => Date
  log: Log
}

/** A younger blob may belong to an upload that is under way. */
const MIN_AGE_MS = 48 * 3_600_000
const CONCURRENCY = 16
/** What is new in an inbox is kept for 30 days. */
const INBOX_MS = 30 * 86_400_000
/** What is left of older entries is for the next night. */
const MOST_INBOX_ENTRIES = 200_000

/**
 * Deletes the blobs that no transfer holds, left by processes that died, the idempotency keys that have expired, and old
 * entries of inboxes. It
 * lists every blob, once a day, as no other job does. Blocks that were never committed are discarded by Azure after a
 * week.
 */
export const sweepOrphans = (deps: Deps) => async (): Promise<void> => {
  const before = new Date(deps.now().getTime() - MIN_AGE_MS)
  const blobs = await sweepBlobs(deps, before)
  const keys = await deps.idempotencyKeys.removeOlder(before)
  const inboxEntries = await deps.inbox.removeOlder(new Date(deps.now().getTime() - INBOX_MS), MOST_INBOX_ENTRIES)
  deps.log('orphans.swept', { ...blobs, keys, inboxEntries })
}

async function sweepBlobs({ transfers, blobs, blocks, log, unknownTransfers }: Deps, before: Date) {
  const counts = { listed: 0, orphans: 0 }
  const strangers: string[] = []

  /** Our blobs that are old enough. */
  async function* candidates() {
    for await (const { location, tail, address, etag, modifiedAt } of blobs.list()) {
      counts.listed++
      if (!location) strangers.push(address)
      else if (modifiedAt < before) yield { location, tail, etag }
    }
  }
  async function remove(orphans: Candidate[]) {
    counts.orphans += orphans.length
    for (const { location, tail, etag } of orphans) {
      await (tail === undefined ? blobs.remove(location, etag) : blocks.removeTail(location, tail))
      log('orphans.blobDeleted', { ...location })
    }
  }

  const unknown: Candidate[][] = []
  await forEachConcurrent(byTransfer(candidates()), CONCURRENCY, async ({ id, some }) => {
    const found = await transfers.read(id)
    if (!found) {
      if (unknown.length <= unknownTransfers) unknown.push(some)
      return
    }
    const held = attemptsInUse(found.transfer)
    const underWay = resumableAttempt(found.transfer)?.id
    const isHeld = ({ location: { attemptId }, tail }: Candidate) =>
      tail === undefined ? held.includes(attemptId) : attemptId === underWay
    await remove(some.filter((each) => !isHeld(each)))
  })
  if (unknown.length > unknownTransfers) {
    log('orphans.tooManyUnknown', { transfers: unknown.length, first: unknown[0]?.[0]?.location.fileTransferId })
  } else {
    await forEachConcurrent(unknown, CONCURRENCY, remove)
  }
  if (strangers.length > 0) {
    log('orphans.unknownBlobs', { count: strangers.length, first: strangers[0] })
  }
  return counts
}

type Candidate = { location: BlobLocation; tail: string | undefined; etag: string }

/** Groups blobs that follow each other and belong to one transfer. */
async function* byTransfer(listed: AsyncIterable<Candidate>) {
  let some: Candidate[] = []
  for await (const one of listed) {
    const [first] = some
    if (first && first.location.fileTransferId !== one.location.fileTransferId) {
      yield { id: first.location.fileTransferId, some }
      some = []
    }
    some.push(one)
  }
  const [first] = some
  if (first) yield { id: first.location.fileTransferId, some }
}
