import { cloudEvent, owedEvents } from '../domain/altinnEvents.js'
import { deliveryOf } from './eventIds.js'
import type {
  Announcement,
  DeliveryLog,
  DeliveryTry,
  EventDelivery,
  EventReceiver,
  FileTransferStore,
  Log,
  Messages,
  Parties,
  WorkMessage,
} from './ports.js'
import { againLater, MAX_TRIES, nextTry, type RetryPorts } from './tryAgainLater.js'

/** Turns facts of which very many are told into one delivery for each of them. Throws to be called again. */
export const fanOutEvents =
  ({ transfers, messages, log }: { transfers: FileTransferStore; messages: Messages; log: Log }) =>
  async ({ fileTransferId, told }: Announcement): Promise<void> => {
    if (told.length === 0) return
    const found = await transfers.readThese(fileTransferId, told)
    if (!found) return log('events.factsMissing', { fileTransferId, told })
    const events = found.facts.flatMap(({ fact, sequence }) => owedEvents(found.transfer, fact, sequence))
    await messages.deliver(events.map(deliveryOf))
  }

type DeliverDeps = RetryPorts & {
  receiver: EventReceiver
  parties: Parties
  deliveryLog: DeliveryLog
  eventForm: 'party' | 'urn'
  platformUrl: string
}

/**
 * Tells one actor one event, and records what came of it. Throws to be called again later. An event that was taken and could not be recorded
 * comes back by itself, only to be recorded; one that is recorded as delivered is not posted again.
 */
export const deliverEvent =
  (deps: DeliverDeps) =>
  async (delivery: EventDelivery, message: WorkMessage): Promise<void> => {
    const delivered = delivery.delivered ?? (await post(deps, delivery, message.tries + 1))
    if (!delivered) return
    try {
      await deps.deliveryLog.record(delivery, { status: 'Delivered', ...delivered })
    } catch (error) {
      await againLater(deps, { ...message, body: { ...delivery, delivered } }, error)
    }
  }

/** The try that has delivered the event; undefined when an earlier one had. @throws when Altinn Events does not take it, which is recorded. */
async function post(deps: DeliverDeps, delivery: EventDelivery, failures: number): Promise<DeliveryTry | undefined> {
  const { deliveryLog, log, measure, now } = deps
  const earlier = await deliveryLog.read(delivery)
  if (earlier?.status === 'Delivered') return undefined

  const { fileTransferId, type, actor } = delivery.event
  const tries = (earlier?.tries ?? 0) + 1
  const details = { fileTransferId, type, role: actor.role, eventId: delivery.id, tries }
  const answer = await answerTo(deps, delivery)
  const last: DeliveryTry = { tries, triedAt: now(), answer: answer.status ?? 'NoAnswer' }
  if (!answer.error) {
    measure('deliveries', 1, { outcome: 'delivered' })
    log('event.delivered', details)
    return last
  }
  log('event.notDelivered', { ...details, error: String(answer.error) })
  const isLast = failures >= MAX_TRIES
  measure('deliveries', 1, { outcome: isLast ? 'givenUp' : 'failed' })
  await deliveryLog
    .record(delivery, {
      ...last,
      ...(isLast ? { status: 'GivenUp' } : { status: 'Waiting', nextTryAt: nextTry(now(), failures) }),
    })
    .catch((error: unknown) => log('event.tryNotRecorded', { ...details, error: String(error) }))
  throw answer.error
}

/** The status of Altinn's answer, if there was one, and what is wrong, if anything is. */
async function answerTo(
  { receiver, parties, eventForm, platformUrl }: DeliverDeps,
  { id, event }: EventDelivery,
): Promise<{ status?: number; error?: unknown }> {
  try {
    const subject =
      eventForm === 'urn'
        ? ({ form: 'urn' } as const)
        : ({ form: 'party', partyId: await parties.partyId(event.actor.organization) } as const)
    const status = await receiver.post(cloudEvent(event, id, subject, platformUrl))
    const isTaken = status >= 200 && status < 300
    return isTaken ? { status } : { status, error: new Error(`Altinn Events answered ${status}.`) }
  } catch (error) {
    return { error }
  }
}
