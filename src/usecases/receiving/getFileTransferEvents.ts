import type { FileTransferId } from '../../domain/fileTransfer/state.js'
import { type Actor, type EventToPublish, eventsToPublish } from '../../domain/projections/altinnEvents.js'
import { err, ok } from '../../domain/result.js'
import { seenBy } from '../access.js'
import { eventIdOf } from '../commit/eventIds.js'
import type { AccessPolicy, Caller } from '../ports/access.js'
import type { DeliveryLog, EventEntry } from '../ports/events.js'
import type { FileTransferStore } from '../ports/fileTransfers.js'

type Deps = { transfers: FileTransferStore; access: AccessPolicy; deliveryLog: DeliveryLog }

/**
 * The events that follow from what has happened to a transfer, in order, and how their delivery stands: all of them for the sender, its own for
 * a recipient. What is owed is told by the facts, so that an event which nobody ever tried to deliver is among them.
 */
export const getFileTransferEvents =
  ({ transfers, access, deliveryLog }: Deps) =>
  async (caller: Caller, id: FileTransferId) => {
    const found = await transfers.read(id)
    if (!found) return err('FileTransferNotFound')
    const viewer = await seenBy(access, caller, found.transfer)
    if (!viewer) return err('NoAccessToResource')

    const owed: EventToPublish[] = []
    for await (const { sequence, fact } of transfers.facts(id)) {
      const events = eventsToPublish(found.transfer, fact, sequence)
      owed.push(...events.filter(({ actor }) => isShown(actor, viewer)).toSorted(senderFirst))
    }
    const isAll = viewer.role === 'Sender'
    const tried = await deliveryLog.ofFileTransfer(id, isAll ? undefined : viewer.organization)
    const entries = owed.map((event): EventEntry => {
      const eventId = eventIdOf(event)
      return { id: eventId, event, last: tried.get(eventId) }
    })
    return ok(entries)
  }

const isShown = (actor: Actor, viewer: Actor) =>
  viewer.role === 'Sender' || (actor.role === 'Recipient' && actor.organization === viewer.organization)

const senderFirst = (one: EventToPublish, other: EventToPublish) =>
  Number(one.actor.role === 'Recipient') - Number(other.actor.role === 'Recipient')
