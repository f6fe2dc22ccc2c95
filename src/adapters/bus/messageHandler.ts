import type { ServiceBusQueueHandler } from '@azure/functions'
import { z } from 'zod'
import type { EventDelivery } from '../../usecases/ports/events.js'
import type {
  ChangeNotification,
  CheckUploadMessage,
  DeferredWork,
  ScanResult,
  WorkMessage,
  WorkQueue,
} from '../../usecases/ports/messages.js'
import { changeNotification } from './changeNotification.js'
import { checkUploadMessage } from './checkUpload.js'
import { deferredWork } from './deferredWork.js'
import { eventDelivery } from './eventDelivery.js'
import { redeliveryProperties } from './redeliveredMessage.js'
import { scanResults } from './scanEvent.js'

type Message = {
  altinnEvents: ChangeNotification
  statistics: ChangeNotification
  uploadProcessing: CheckUploadMessage
  eventDelivery: EventDelivery
  due: DeferredWork
  malwareScanResults: ScanResult[]
}

/** How the messages of each queue and subscription are parsed. */
export const parsers: { [Queue in WorkQueue]: (body: unknown) => Message[Queue] } = {
  altinnEvents: (body) => changeNotification.parse(body),
  statistics: (body) => changeNotification.parse(body),
  uploadProcessing: (body) => checkUploadMessage.parse(body),
  eventDelivery: (body) => eventDelivery.parse(body),
  due: (body) => deferredWork.parse(body),
  malwareScanResults: scanResults,
}

type Work<Parsed> = (message: Parsed, arrived: WorkMessage) => Promise<unknown>
type Redeliver = <Parsed>(
  arrived: WorkMessage,
  parse: (body: unknown) => Parsed,
  work: Work<Parsed>,
) => Promise<unknown>

// The Functions host turns keys into camel case, whatever the message has.
const metadata = z.object({
  messageId: z.string(),
  // Whatever else it may be, the message then counts as one that may have come before.
  deliveryCount: z.unknown(),
  applicationProperties: redeliveryProperties.optional(),
})

/** A message as it arrived in an invocation. Undefined: it is redelivered to another subscription to the topic. */
function arrivedIn(triggerMetadata: unknown, queue: WorkQueue, body: unknown): WorkMessage | undefined {
  const { messageId, deliveryCount, applicationProperties = {} } = metadata.parse(triggerMetadata)
  const { tries = 0, replays, reason, givenUp, subscription } = applicationProperties
  if (subscription !== undefined && subscription !== queue) return undefined
  const isFirst = Number(deliveryCount) === 1 && tries === 0 && replays === undefined
  return {
    queue,
    messageId,
    body,
    tries,
    ...(!isFirst && { isRedelivered: true }),
    replays,
    reason,
    isGivenUp: givenUp,
  }
}

/**
 * Handles the messages of a queue or a subscription. What cannot be parsed is dead-lettered; work that fails is retried
 * with back-off.
 */
export const messageHandler =
  (redeliverWithBackoff: Redeliver) =>
  <Queue extends WorkQueue>(queue: Queue, work: Work<Message[Queue]>): ServiceBusQueueHandler =>
  async (body, { triggerMetadata }) => {
    const arrived = arrivedIn(triggerMetadata, queue, body)
    if (arrived) await redeliverWithBackoff(arrived, parsers[queue], work)
  }
