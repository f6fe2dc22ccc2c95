import type { FileTransferId } from '../../domain/fileTransfer/state.js'
import { type Actor, type EventToPublish, eventsToPublish } from '../../domain/projections/altinnEvents.js'
import { err, ok } from '../../domain/result.js'
import { viewerOf } from '../access.js'
import { eventIdOf } from '../commit/eventIds.js'
import type { AccessPolicy, Caller } from '../ports/access.js'
import type { DeliveryLog, EventEntry } from '../ports/events.js'
import type { FileTransferReader } from '../ports/fileTransfers.js'

type Deps = { transfers: FileTransferReader; access: AccessPolicy; deliveryLog: DeliveryLog }

/**
 * The events of a transfer, in order, each with its last delivery: all events for the sender, its own for a recipient.
 * They are derived from the facts, so that an event that was never tried is among them.
 */
export const getFileTransferEvents =
  ({ transfers, access, deliveryLog }: Deps) =>
  async (caller: Caller, id: FileTransferId) => {
    const found = await transfers.read(id)
    if (!found) return err('FileTransferNotFound')
    const viewer = await viewerOf(access, caller, found.transfer)
    if (!viewer) return err('NoAccessToResource')

    const owed: EventToPublish[] = []
    for await (const { sequence, fact } of transfers.facts(id)) {
      const events = eventsToPublish(found.transfer, fact, sequence)
      owed.push(...events.filter(({ actor }) => isVisible(actor, viewer)).toSorted(senderFirst))
    }
    const isAll = viewer.role === 'Sender'
    const tried = await deliveryLog.ofFileTransfer(id, isAll ? undefined : viewer.organization)
    const entries = owed.map((event): EventEntry => {
      const eventId = eventIdOf(event)
      return { id: eventId, event, last: tried.get(eventId) }
    })
    return ok(entries)
  }

const isVisible = (actor: Actor, viewer: Actor) =>
  viewer.role === 'Sender' || (actor.role === 'Recipient' && actor.organization === viewer.organization)

const senderFirst = (one: EventToPublish, other: EventToPublish) =>
  Number(one.actor.role === 'Recipient') - Number(other.actor.role === 'Recipient')
