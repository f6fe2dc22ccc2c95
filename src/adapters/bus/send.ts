import type { ServiceBusMessage, ServiceBusSender } from '@azure/service-bus'
import { traceParent } from '../telemetry/tracing.js'

/** The queues to send to, and the topic of facts. */
export type Entity = 'uploadProcessing' | 'eventDelivery' | 'due' | 'malwareScanResults' | 'facts'

/** Sends messages to a queue or the topic. */
export type Send = (entity: Entity, messages: ServiceBusMessage[]) => Promise<void>

/**
 * A message with JSON as its body, not to be delivered before `at`. Duplicate detection drops a message whose id it
 * knows, of scheduled messages too, so that an id names everything that makes the message different.
 */
export function jsonMessage(messageId: string, body: unknown, at?: Date): ServiceBusMessage {
  const parent = traceParent()
  return {
    messageId,
    body,
    contentType: 'application/json',
    // Azure's SDKs have this name for the trace parent.
    ...(parent && { applicationProperties: { 'Diagnostic-Id': parent } }),
    ...(at && { scheduledEnqueueTimeUtc: at }),
  }
}

/** The id of a message that is sent again before it has failed, and is no duplicate of what was sent already. */
export const repeatedId = (messageId: string, again: number | undefined): string =>
  again ? `${messageId}/r${again}` : messageId

/** Sends as many at a time as fit into one batch. */
export async function sendInBatches(sender: ServiceBusSender, messages: ServiceBusMessage[]): Promise<void> {
  if (messages.length === 0) return
  if (messages.length === 1) return sender.sendMessages(messages)
  let batch = await sender.createMessageBatch()
  for (const each of messages) {
    if (batch.tryAddMessage(each)) continue
    await sender.sendMessages(batch)
    batch = await sender.createMessageBatch()
    if (!batch.tryAddMessage(each)) throw tooLarge(each)
  }
  await sender.sendMessages(batch)
}

const tooLarge = ({ messageId }: ServiceBusMessage) =>
  Object.assign(new Error(`A message is too large for Service Bus: ${messageId}`), { code: TOO_LARGE })

/** Whether Service Bus refuses a message for its size: the only refusal that does not pass. */
export const isTooLarge = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === TOO_LARGE

const TOO_LARGE = 'MessageSizeExceeded'
