import { v5 } from 'uuid'
import { cloudEvent, eventName, owedEvents } from '../domain/altinnEvents.js'
import type {
  EventDelivery,
  EventReceiver,
  FactPointer,
  FileTransferStore,
  Log,
  Measure,
  Messages,
  Parties,
} from './ports.js'
import { MAX_TRIES, nextTry } from './tryAgainLater.js'

/** The namespace of Broker's event ids (RFC 9562 §5.5). It never changes: a fact is told under the same id for ever. */
const NAMESPACE = '6f1c5a52-7a3e-5c0d-9a55-2f6b8f0c1d43'

/** Turns a fact into one delivery for each actor that is owed an event. Throws to be called again. */
export const fanOutEvents =
  ({ transfers, messages, log }: { transfers: FileTransferStore; messages: Messages; log: Log }) =>
  async ({ fileTransferId, sequence }: FactPointer): Promise<void> => {
    const found = await transfers.readFact(fileTransferId, sequence)
    if (!found) return log('error', 'A fact was announced that is not there', { fileTransferId, sequence })
    const events = owedEvents(found.transfer, found.fact, sequence)
    await messages.deliver(events.map((event) => ({ id: v5(eventName(event), NAMESPACE), tries: 0, event })))
  }

type DeliverDeps = {
  receiver: EventReceiver
  parties: Parties
  messages: Messages
  log: Log
  measure: Measure
  now: () => Date
  eventForm: 'party' | 'urn'
  platformUrl: string
}

/** Tells one actor one event, or sees to it that it is tried again later. Throws when it has been tried often enough. */
export const deliverEvent =
  (deps: DeliverDeps) =>
  async (delivery: EventDelivery): Promise<void> => {
    const { id, event, tries } = delivery
    const { fileTransferId, type, actor } = event
    const details = { fileTransferId, type, role: actor.role, eventId: id, tries: tries + 1 }
    try {
      const subject =
        deps.eventForm === 'urn'
          ? ({ form: 'urn' } as const)
          : ({ form: 'party', partyId: await deps.parties.partyId(actor.organization) } as const)
      await deps.receiver.post(cloudEvent(event, id, subject, deps.platformUrl))
      deps.measure('deliveries', 1, { outcome: 'delivered' })
      deps.log('info', 'Event delivered', details)
    } catch (error) {
      deps.log('warn', 'Event not delivered', { ...details, error: String(error) })
      const isGivenUp = tries + 1 >= MAX_TRIES
      deps.measure('deliveries', 1, { outcome: isGivenUp ? 'givenUp' : 'failed' })
      if (isGivenUp) {
        deps.measure('givenUp', 1, { queue: 'eventDelivery' })
        throw error
      }
      await deps.messages.deliverLater({ ...delivery, tries: tries + 1 }, nextTry(deps.now(), tries + 1))
    }
  }
