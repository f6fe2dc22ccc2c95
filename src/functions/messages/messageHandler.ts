import type { ServiceBusQueueHandler } from '@azure/functions'
import { z } from 'zod'
import { broker } from '../../app.js'
import type { WorkMessage, WorkQueue } from '../../usecases/ports/messages.js'

// Keys are in camel case whatever the message has (the Functions host turns them).
const metadata = z.object({
  messageId: z.string(),
  applicationProperties: z
    .object({
      tries: z.number().optional(),
      replays: z.number().optional(),
      reason: z.string().optional(),
      givenUp: z.boolean().optional(),
      subscription: z.string().optional(),
    })
    .optional(),
})

/** Handles the messages of a queue or a subscription: what cannot be read is given up, work that fails is tried again later. */
export const messageHandler =
  <Message>(
    queue: WorkQueue,
    parse: (message: unknown) => Message,
    work: (message: Message, arrived: WorkMessage) => Promise<unknown>,
  ): ServiceBusQueueHandler =>
  async (body, context) => {
    const { messageId, applicationProperties = {} } = metadata.parse(context.triggerMetadata)
    const { tries = 0, replays, reason, givenUp, subscription } = applicationProperties
    if (subscription !== undefined && subscription !== queue) return // sent again for another subscription to the topic
    await broker.redeliverWithBackoff(
      { queue, messageId, body, tries, replays, reason, isGivenUp: givenUp },
      parse,
      work,
    )
  }
