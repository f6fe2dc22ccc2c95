import { punctuality } from '../../domain/operating/objectives.js'
import type { OrganizationNumber } from '../../domain/organizationNumber.js'
import { cloudEvent, eventsToPublish, type Subject } from '../../domain/projections/altinnEvents.js'
import { type DeliveryResult, isPermanentFailure } from '../../domain/projections/deliveryResult.js'
import { settleAll } from '../../lib/settleAll.js'
import { deliveryOf } from '../commit/eventIds.js'
import type { DeliveryLog, DeliveryTry, EventDelivery, EventReceiver, Parties } from '../ports/events.js'
import type { FileTransferReader } from '../ports/fileTransfers.js'
import type { ChangeNotification, Messages, WorkMessage } from '../ports/messages.js'
import type { Log } from '../ports/telemetry.js'
import { nextTry, nextTryAfterRefusal, type RetryPorts, redeliverAfterFailure, redeliverAt } from './redelivery.js'
import { listUndelivered, type UndeliveredPorts } from './undelivered.js'

/**
 * The deliveries of one change are enqueued in batches, scheduled one after the other, so that those of another sender
 * wait for no more than one batch. A thousand take twenty seconds.
 */
const BATCH = 25
const BETWEEN_BATCHES_MS = 500

type FanOutDeps = { transfers: FileTransferReader; messages: Messages; log: Log; now: () => Date }

/**
 * Enqueues one delivery for each event of a change that has too many to be sent at its commit. Throws to have the
 * message redelivered.
 */
export const fanOutEvents =
  ({ transfers, messages, log, now }: FanOutDeps) =>
  async (
    { fileTransferId, told, isRepeated }: ChangeNotification,
    { isRedelivered }: Pick<WorkMessage, 'isRedelivered'>,
  ): Promise<void> => {
    if (told.length === 0) return
    const found = await transfers.readThese(fileTransferId, told)
    if (!found) return log('events.factsMissing', { fileTransferId, told })
    const events = found.facts.flatMap(({ fact, sequence }) => eventsToPublish(found.transfer, fact, sequence))
    const begun = now().getTime()
    for (let first = 0; first < events.length; first += BATCH) {
      const at = new Date(begun + (first / BATCH) * BETWEEN_BATCHES_MS)
      const some = events
        .slice(first, first + BATCH)
        .map((event) => deliveryOf(event, isRepeated ?? isRedelivered ?? false))
      await messages.deliver(some, first > 0 ? at : undefined)
    }
  }

type DeliverDeps = RetryPorts &
  UndeliveredPorts & {
    receiver: EventReceiver
    parties: Parties
    deliveryLog: DeliveryLog
    eventForm: 'party' | 'urn'
    platformUrl: string
  }

/**
 * Delivers one event to one actor, and records the result. A delivery that fails is redelivered with back-off; throws
 * when even that fails. An event that Altinn took, but whose delivery could not be recorded, is redelivered only to be
 * recorded; one that is recorded as delivered is not posted again.
 */
export const deliverEvent =
  (deps: DeliverDeps) =>
  async (delivery: EventDelivery, message: WorkMessage): Promise<void> => {
    const delivered = delivery.delivered ?? (await post(deps, delivery, message))
    if (!delivered) return
    try {
      await deps.deliveryLog.record(delivery, { status: 'Delivered', ...delivered })
      if (delivered.tries > 1) await listUndelivered(deps, delivery, 'removeUndelivered')
    } catch (error) {
      await redeliverAfterFailure(deps, { ...message, body: { ...delivery, delivered } }, error)
    }
  }

/** The try that has delivered the event; undefined when an earlier one had, or when it is redelivered. */
async function post(
  deps: DeliverDeps,
  delivery: EventDelivery,
  message: WorkMessage,
): Promise<DeliveryTry | undefined> {
  const { deliveryLog, log, measure, now } = deps
  const earlier = message.isRedelivered || delivery.isRepeated ? await deliveryLog.read(delivery) : undefined
  if (earlier?.status === 'Delivered') return undefined

  const { fileTransferId, type, actor, at } = delivery.event
  const delaySeconds = () => (now().getTime() - at.getTime()) / 1000
  const tries = (earlier?.tries ?? 0) + 1
  const details = { fileTransferId, type, role: actor.role, eventId: delivery.id, tries }
  const { answer, error } = await answerOf(deps, delivery)
  const last: DeliveryTry = { tries, triedAt: now(), answer }
  if (!error) {
    measure('deliveries', 1, { outcome: 'delivered' })
    measure('eventDelay', delaySeconds(), { outcome: punctuality('events', delaySeconds()) })
    log('event.delivered', details)
    return last
  }
  log('event.notDelivered', { ...details, error: String(error) })
  const isRefused = isPermanentFailure(answer)
  const refusals = (delivery.refusals ?? 0) + (isRefused ? 1 : 0)
  const nextTryAt = isRefused ? nextTryAfterRefusal(now(), refusals) : nextTry(now(), message.tries + 1)
  measure('deliveries', 1, { outcome: nextTryAt ? outcomeOf(answer) : 'givenUp' })
  // An event that Altinn refuses is not late, and no objective counts it.
  if (!nextTryAt && !isRefused) measure('eventDelay', delaySeconds(), { outcome: 'never' })
  await deliveryLog
    .record(delivery, { ...last, ...(nextTryAt ? { status: 'Waiting', nextTryAt } : { status: 'GivenUp' }) })
    .catch((failure: unknown) => log('event.tryNotRecorded', { ...details, error: String(failure) }))
  await listUndelivered(deps, delivery, 'addUndelivered')
  // A dead letter that is replayed counts its refusals anew.
  const body = { ...delivery, refusals: nextTryAt && refusals }
  await redeliverAt(deps, { ...message, body }, error, nextTryAt)
  return undefined
}

/** Changes post at most so many events at a time. When Altinn is slower than they are, the others go by message. */
const MOST_AT_ONCE = 64

/**
 * Delivers the events of a change in its own process, without a message. Only a delivery that fails is enqueued, for
 * its next try. Throws when even that fails.
 */
export const deliverAtOnce = (deps: DeliverDeps) => {
  const deliver = deliverEvent(deps)
  let underWay = 0

  return async (deliveries: EventDelivery[]): Promise<void> => {
    if (underWay + deliveries.length > MOST_AT_ONCE) return deps.messages.deliver(deliveries)
    underWay += deliveries.length
    await settleAll(
      deliveries.map((delivery) => {
        const first: WorkMessage = { queue: 'eventDelivery', messageId: delivery.id, body: delivery, tries: 0 }
        return deliver(delivery, first).finally(() => underWay--)
      }),
    )
  }
}

function outcomeOf(answer: DeliveryResult): string {
  if (answer === 'UnknownParty') return 'unknownParty'
  return isPermanentFailure(answer) ? 'refused' : 'failed'
}

/** The answer to posting the event, and the error, unless Altinn took it. */
async function answerOf(
  { receiver, parties, eventForm, platformUrl }: DeliverDeps,
  { id, event }: EventDelivery,
): Promise<{ answer: DeliveryResult; error?: unknown }> {
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

/** How the event names its receiver; undefined when that takes a party id, and there is none. */
async function subjectOf(
  organization: OrganizationNumber,
  form: DeliverDeps['eventForm'],
  parties: Parties,
): Promise<Subject | undefined> {
  if (form === 'urn') return { form }
  const partyId = await parties.partyId(organization)
  return partyId === undefined ? undefined : { form, partyId }
}
