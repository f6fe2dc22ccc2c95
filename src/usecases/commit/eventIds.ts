import { v5 } from 'uuid'
import { type EventToPublish, eventName } from '../../domain/projections/altinnEvents.js'
import type { EventDelivery } from '../ports/events.js'

/**
 * The namespace of Broker's event ids (RFC 9562 §5.5). It never changes: an event that is published again has the same
 * id.
 */
const NAMESPACE = '6f1c5a52-7a3e-5c0d-9a55-2f6b8f0c1d43'

/** The id of an event, the same for ever. */
export const eventIdOf = (event: EventToPublish): string => v5(eventName(event), NAMESPACE)

/** The first delivery of an event, with its id; `isRepeated`: it may have been enqueued before. */
export const deliveryOf = (event: EventToPublish, isRepeated: boolean): EventDelivery => ({
  id: eventIdOf(event),
  event,
  ...(isRepeated && { isRepeated }),
})
