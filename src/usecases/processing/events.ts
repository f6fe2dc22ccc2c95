import { punctuality } from '../../domain/operating/objectives.js'
import type { OrganizationNumber } from '../../domain/organizationNumber.js'
import { cloudEvent, owedEvents, type Subject } from '../../domain/projections/altinnEvents.js'
import { type DeliveryAnswer, isRefusal } from '../../domain/projections/deliveryAnswer.js'
import { deliveryOf } from '../commit/eventIds.js'
import type { DeliveryLog, DeliveryTry, EventDelivery, EventReceiver, Parties } from '../ports/events.js'
import type { FileTransferReader } from '../ports/fileTransfers.js'
import type { ChangeNotification, Messages, WorkMessage } from '../ports/messages.js'
import type { Log } from '../ports/telemetry.js'
import { nextRareTry, nextTry, type RetryPorts, redeliverAt, redeliverLater } from './redelivery.js'

/**
 * The deliveries of one change come into the queue so many at a time, with pauses, so that those of another sender are never behind more than this
 * many of them. A thousand take twenty seconds.
 */
const SLICE = 25
const BETWEEN_SLICES_MS = 500

type FanOutDeps = { transfers: FileTransferReader; messages: Messages; log: Log; now: () => Date }

/** Turns facts of which very many are told into one delivery for each of them. Throws to be called again. */
export const fanOutEvents =
  ({ transfers, messages, log, now }: FanOutDeps) =>
  async ({ fileTransferId, told }: ChangeNotification): Promise<void> => {
    if (told.length === 0) return
    const found = await transfers.readThese(fileTransferId, told)
    if (!found) return log('events.factsMissing', { fileTransferId, told })
    const events = found.facts.flatMap(({ fact, sequence }) => owedEvents(found.transfer, fact, sequence))
    const begun = now().getTime()
    for (let first = 0; first < events.length; first += SLICE) {
      const at = new Date(begun + (first / SLICE) * BETWEEN_SLICES_MS)
      await messages.deliver(events.slice(first, first + SLICE).map(deliveryOf), first > 0 ? at : undefined)
    }
  }

type DeliverDeps = RetryPorts & {
  receiver: EventReceiver
  parties: Parties
  deliveryLog: DeliveryLog
  eventForm: 'party' | 'urn'
  platformUrl: string
}

/**
 * Tells one actor one event, and records what came of it. What fails comes back, later; throws when it cannot be sent back. An event that was taken
 * and could not be recorded comes back only to be recorded; one that is recorded as delivered is not posted again.
 */
export const deliverEvent =
  (deps: DeliverDeps) =>
  async (delivery: EventDelivery, message: WorkMessage): Promise<void> => {
    const delivered = delivery.delivered ?? (await post(deps, delivery, message))
    if (!delivered) return
    try {
      await deps.deliveryLog.record(delivery, { status: 'Delivered', ...delivered })
    } catch (error) {
      await redeliverLater(deps, { ...message, body: { ...delivery, delivered } }, error)
    }
  }

/** The try that has delivered the event; undefined when an earlier one had, or when it is tried again later. */
async function post(
  deps: DeliverDeps,
  delivery: EventDelivery,
  message: WorkMessage,
): Promise<DeliveryTry | undefined> {
  const { deliveryLog, log, measure, now } = deps
  const earlier = await deliveryLog.read(delivery)
  if (earlier?.status === 'Delivered') return undefined

  const { fileTransferId, type, actor, at } = delivery.event
  const delaySeconds = () => (now().getTime() - at.getTime()) / 1000
  const tries = (earlier?.tries ?? 0) + 1
  const details = { fileTransferId, type, role: actor.role, eventId: delivery.id, tries }
  const { answer, error } = await answerTo(deps, delivery)
  const last: DeliveryTry = { tries, triedAt: now(), answer }
  if (!error) {
    measure('deliveries', 1, { outcome: 'delivered' })
    measure('eventDelay', delaySeconds(), { outcome: punctuality('events', delaySeconds()) })
    log('event.delivered', details)
    return last
  }
  log('event.notDelivered', { ...details, error: String(error) })
  const isRefused = isRefusal(answer)
  const refusals = (delivery.refusals ?? 0) + (isRefused ? 1 : 0)
  const nextTryAt = isRefused ? nextRareTry(now(), refusals) : nextTry(now(), message.tries + 1)
  measure('deliveries', 1, { outcome: nextTryAt ? outcomeOf(answer) : 'givenUp' })
  // What Altinn refuses is not late, and no objective counts it.
  if (!nextTryAt && !isRefused) measure('eventDelay', delaySeconds(), { outcome: 'never' })
  await deliveryLog
    .record(delivery, { ...last, ...(nextTryAt ? { status: 'Waiting', nextTryAt } : { status: 'GivenUp' }) })
    .catch((failure: unknown) => log('event.tryNotRecorded', { ...details, error: String(failure) }))
  // A dead letter that is replayed begins anew.
  const body = { ...delivery, refusals: nextTryAt && refusals }
  await redeliverAt(deps, { ...message, body }, error, nextTryAt)
  return undefined
}

function outcomeOf(answer: DeliveryAnswer): string {
  if (answer === 'UnknownParty') return 'unknownParty'
  return isRefusal(answer) ? 'refused' : 'failed'
}

/** What came of posting the event, and what is wrong, if anything is. */
async function answerTo(
  { receiver, parties, eventForm, platformUrl }: DeliverDeps,
  { id, event }: EventDelivery,
): Promise<{ answer: DeliveryAnswer; error?: unknown }> {
  try {
    const subject = await subjectOf(event.actor.organization, eventForm, parties)
    if (!subject) return { answer: 'UnknownParty', error: new Error('Altinn Register does not know the party.') }
    const status = await receiver.post(cloudEvent(event, id, subject, platformUrl))
    const isTaken = status >= 200 && status < 300
    return { answer: status, ...(!isTaken && { error: new Error(`Altinn Events answered ${status}.`) }) }
  } catch (error) {
    return { answer: 'NoAnswer', error }
  }
}

/** How the receiver is named; undefined when it takes a party id, and there is none. */
async function subjectOf(
  organization: OrganizationNumber,
  form: DeliverDeps['eventForm'],
  parties: Parties,
): Promise<Subject | undefined> {
  if (form === 'urn') return { form }
  const partyId = await parties.partyId(organization)
  return partyId === undefined ? undefined : { form, partyId }
}
