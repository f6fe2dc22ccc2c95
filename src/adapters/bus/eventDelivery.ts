import { z } from 'zod'
import { EVENT_TYPES } from '../../domain/projections/altinnEvents.js'
import type { EventDelivery } from '../../usecases/ports/events.js'
import type { Messages } from '../../usecases/ports/messages.js'
import { organization, time } from '../schemas.js'
import { jsonMessage, type Send } from './send.js'

/** An event to be posted to Altinn Events. Its id is that of the message. */
export const eventDelivery: z.ZodType<EventDelivery> = z.object({
  id: z.guid(),
  event: z.object({
    type: z.enum(EVENT_TYPES),
    actor: z.object({ organization, role: z.enum(['Sender', 'Recipient']) }),
    fileTransferId: z.guid(),
    resourceId: z.string(),
    sequence: z.int(),
    at: time,
  }),
  isRepeated: z.literal(true).optional(),
  delivered: z
    .object({ tries: z.int(), triedAt: time, answer: z.union([z.int(), z.enum(['NoAnswer', 'UnknownParty'])]) })
    .optional(),
  refusals: z.int().optional(),
})

/** Enqueues deliveries of events, for this time if one is given. */
export const deliver =
  (send: Send): Messages['deliver'] =>
  (deliveries, at) =>
    send(
      'eventDelivery',
      deliveries.map((delivery) => jsonMessage(delivery.id, delivery, at)),
    )
