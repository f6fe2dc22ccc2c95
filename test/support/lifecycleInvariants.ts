import { expect } from 'vitest'
import { attemptsInUse, type FileTransferId, recipientsOf } from '../../src/domain/fileTransfer/state.js'
import { eventsToPublish } from '../../src/domain/projections/altinnEvents.js'
import { searchProjections } from '../../src/domain/projections/search.js'
import type { World } from './memoryBroker.js'
import { all, later } from './samples.js'

/** The worlds's end of days, after every deadline. */
const FOREVER = later(4000 * 86_400)

/** The events of a transfer that were published, each id once, as `type > organisation as role`, sorted. */
export function eventsOnce({ posted }: World, id: FileTransferId): string[] {
  const about = posted.filter(({ resourceinstance }) => resourceinstance === id)
  const once = new Map(about.map((event) => [event.id, event]))
  return [...once.values()]
    .map(({ type, subject, data }) =>
      [type.replace('no.altinn.broker.', ''), '>', subject.replace('/party/party-of-', ''), 'as', data.Role].join(' '),
    )
    .toSorted()
}

/**
 * What must hold of a transfer when nothing is under way any more: facts, events, searches, blobs and deadlines fit its
 * state.
 */
export async function expectLifecycleInvariants(world: World, id: FileTransferId): Promise<void> {
  const { transfer } = await world.read(id)
  const recorded = (await world.stores.transfers.readFacts(id, 1))?.facts ?? []
  expect(recorded.map(({ sequence }) => sequence)).toEqual(recorded.map((_, index) => index + 1))
  expect(recorded).toHaveLength(transfer.sequence)

  const owed = recorded.flatMap(({ fact, sequence }) => eventsToPublish(transfer, fact, sequence))
  expect(eventsOnce(world, id)).toEqual(
    owed.map(({ type, actor }) => `${type} > ${actor.organization} as ${actor.role}`).toSorted(),
  )

  const rows = world.stores.searchIndex.rows().filter(({ fileTransferId }) => fileTransferId === id)
  const projections = searchProjections(transfer, recipientsOf(transfer))
  expect(rows).toHaveLength(projections.length)
  for (const { actor, timelines } of projections) {
    expect(rows.find((each) => each.actor.organization === actor.organization)?.timelines).toEqual(timelines)
  }

  const stored = world.stores.blobs.locations().filter(({ fileTransferId }) => fileTransferId === id)
  const held = attemptsInUse(transfer)
  for (const { attemptId } of stored) expect(held).toContain(attemptId)
  if ('file' in transfer) expect(stored).toHaveLength(held.length)

  const waiting = await all(world.stores.due.dueBy(FOREVER))
  const own = waiting.filter(({ fileTransferId }) => fileTransferId === id)
  // A deadline that comes after others gets its row when these have been applied.
  const next = Math.min(...own.map(({ at }) => at.getTime()))
  for (const { at } of transfer.deadlines) expect(next).toBeLessThanOrEqual(at.getTime())
}

/**
 * What is left behind ends by itself: marks go, and long after its last deadline nothing waits for a transfer any more.
 */
export async function expectNothingLeft(world: World): Promise<void> {
  world.advance(601)
  await world.broker.resumeCommittedChanges()
  await world.work()
  expect(await all(world.stores.outbox.all())).toEqual([])
  for (let day = 0; day < 32; day++) {
    world.advance(86_400)
    await world.broker.expireDue()
    await world.work()
  }
  expect(await all(world.stores.due.dueBy(FOREVER))).toEqual([])
  expect(world.stores.blobs.locations()).toEqual([])
}
