import type { ServiceBusQueueHandler } from '@azure/functions'
import { z } from 'zod'
import { broker } from '../app.js'
import type { WorkQueue } from '../usecases/ports.js'

// Keys are in camel case whatever the message has (the Functions host turns them).
const metadata = z.object({
  messageId: z.string(),
  applicationProperties: z.object({ tries: z.number().optional() }).optional(),
})

/** Handles the messages of a queue: what cannot be read is thrown at once, work that fails is tried again later. */
export const patiently =
  <Message>(
    queue: WorkQueue,
    parse: (message: unknown) => Message,
    work: (message: Message) => Promise<unknown>,
  ): ServiceBusQueueHandler =>
  async (body, context) => {
    const { messageId, applicationProperties } = metadata.parse(context.triggerMetadata)
    const parsed = parse(body)
    const tries = applicationProperties?.tries ?? 0
    await broker.orAgainLater({ queue, messageId, body, tries }, () => work(parsed))
  }
