import type { ServiceBusClient, ServiceBusMessage, ServiceBusSender } from '@azure/service-bus'
import type { Messages, WorkQueue } from '../../usecases/ports/messages.js'
import { withTimeout } from '../azure/timeouts.js'
import { traceParent } from '../telemetry/tracing.js'
import { changeNotificationId, checkUploadId, deadlineId, retryId, scanId } from './messageIds.js'

/** Nobody waits longer for messages to be taken, whatever the client tries. */
const PATIENCE_MS = 15_000

/** Names of the queues and the topic to send to. */
export type Entities = {
  uploadProcessing: string
  eventDelivery: string
  due: string
  malwareScanResults: string
  facts: string
}

/** Messages on Service Bus. Their ids are derived from what they say, so that what is sent twice by mistake is dropped. */
export const serviceBusMessages = (
  client: ServiceBusClient,
  entities: Entities,
  patienceMs = PATIENCE_MS,
): Messages => {
  const senders = new Map<string, ServiceBusSender>()
  const send = async (entity: string, messages: ServiceBusMessage[]) => {
    const sender = senders.get(entity) ?? client.createSender(entity)
    senders.set(entity, sender)
    await withTimeout(sendAll(sender, messages), patienceMs).catch((cause: unknown) => {
      throw isTooLarge(cause) ? cause : notTaken(entity, cause)
    })
  }

  return {
    async notifyOfChange(changeNotification) {
      const messageId = changeNotificationId(changeNotification)
      if (messageId) await send(entities.facts, [message(messageId, changeNotification)])
    },

    checkUpload: (body) => send(entities.uploadProcessing, [message(checkUploadId(body), body)]),

    deliver: (deliveries, at) =>
      send(
        entities.eventDelivery,
        deliveries.map((delivery) => ({
          ...message(delivery.id, delivery),
          ...(at && { scheduledEnqueueTimeUtc: at }),
        })),
      ),

    redeliver({ queue, messageId, body, tries, replays, reason, isGivenUp }, at) {
      const { to, subscription } = addressOf(queue)
      const said = { tries, replays, reason, givenUp: isGivenUp, subscription }
      const known = Object.entries(said).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]))
      const again = message(retryId({ addressee: queue, messageId, tries, replays: replays ?? 0 }), body)
      const applicationProperties = { ...again.applicationProperties, ...Object.fromEntries(known) }
      return send(entities[to], [{ ...again, applicationProperties, scheduledEnqueueTimeUtc: at }])
    },

    enqueueDeadlines: (rows) =>
      send(
        entities.due,
        rows.map((row) => message(deadlineId(row), { work: 'meetDeadline', row })),
      ),

    finishUpload: ({ fileTransferId, attemptId }, at) => {
      const work = message(`${fileTransferId}-finish-${attemptId}-${at.getTime()}`, {
        ...{ work: 'finishUpload', fileTransferId, attemptId },
      })
      return send(entities.due, [{ ...work, scheduledEnqueueTimeUtc: at }])
    },

    project: (fileTransferId, sequence) =>
      send(entities.due, [
        message(`${fileTransferId}-project-${sequence}`, { work: 'projectSearch', fileTransferId, sequence }),
      ]),

    removeFileTransfers: (ids, jobId) =>
      send(
        entities.due,
        ids.map((fileTransferId) =>
          message(`${fileTransferId}-remove-${jobId}`, { work: 'removeFileTransfer', fileTransferId }),
        ),
      ),

    enqueueScanResults: (events) =>
      send(
        entities.malwareScanResults,
        events.map((event) => message(scanId(event), event)),
      ),
  }
}

/** The only refusal that will not pass. */
const isTooLarge = (error: unknown) =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === 'MessageSizeExceeded'

const notTaken = (entity: string, cause: unknown) =>
  Object.assign(new Error(`Service Bus has not taken a message for ${entity}: ${cause}`, { cause }), {
    isUpstream: true,
  })

/** The trace goes along under the name that Azure's SDKs have for it. */
function message(messageId: string, body: unknown): ServiceBusMessage {
  const parent = traceParent()
  const trace = parent && { applicationProperties: { 'Diagnostic-Id': parent } }
  return { messageId, body, contentType: 'application/json', ...trace }
}

/**
 * Where to send what is for this queue or subscription. A topic cannot be told which subscription a message is for: the message names it, and
 * whoever reads another passes it over.
 */
export function addressOf(queue: WorkQueue): { to: keyof Entities; subscription?: WorkQueue } {
  return queue === 'altinnEvents' || queue === 'statistics' ? { to: 'facts', subscription: queue } : { to: queue }
}

const tooLarge = ({ messageId }: ServiceBusMessage) =>
  Object.assign(new Error(`A message is too large for Service Bus: ${messageId}`), { code: 'MessageSizeExceeded' })

/** Sends as many at a time as fit into one batch. */
export async function sendAll(sender: ServiceBusSender, messages: ServiceBusMessage[]) {
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
