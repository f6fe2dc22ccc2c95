import type { ServiceBusClient, ServiceBusMessage, ServiceBusSender } from '@azure/service-bus'
import type { Messages } from '../../usecases/ports.js'
import { traceParent } from '../tracing.js'

/** Names of the queues and the topic to send to. */
export type Entities = {
  uploadProcessing: string
  eventDelivery: string
  due: string
  malwareScanResults: string
  facts: string
}

/** Messages on Service Bus. Their ids are derived from what they say, so that what is sent twice by mistake is dropped. */
export const serviceBusMessages = (client: ServiceBusClient, entities: Entities): Messages => {
  const senders = new Map<string, ServiceBusSender>()
  const send = async (entity: string, messages: ServiceBusMessage[]) => {
    const sender = senders.get(entity) ?? client.createSender(entity)
    senders.set(entity, sender)
    await sendAll(sender, messages)
  }

  return {
    announce: (fileTransferId, sequences) =>
      send(
        entities.facts,
        sequences.map((sequence) => message(`${fileTransferId}-${sequence}`, { fileTransferId, sequence })),
      ),

    checkUpload: (body, again) =>
      send(entities.uploadProcessing, [message(`${body.fileTransferId}-${body.sequence}${repeated(again)}`, body)]),

    deliver: (deliveries) =>
      send(
        entities.eventDelivery,
        deliveries.map((delivery) => message(delivery.id, delivery)),
      ),

    deliverLater: (delivery, at) =>
      send(entities.eventDelivery, [
        { ...message(`${delivery.id}${repeated(delivery.tries)}`, delivery), scheduledEnqueueTimeUtc: at },
      ]),

    sendAgain({ queue, messageId, body, tries }, at) {
      const again = message(failedId(messageId, tries), body)
      const applicationProperties = { ...again.applicationProperties, tries }
      return send(entities[queue], [{ ...again, applicationProperties, scheduledEnqueueTimeUtc: at }])
    },

    meetDeadlines: (rows) =>
      send(
        entities.due,
        rows.map((row) => {
          const { fileTransferId, kind, sequence, tries } = row
          return message(`${fileTransferId}-${kind}-${sequence}${repeated(tries)}`, { work: 'meetDeadline', row })
        }),
      ),

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

    handOnScans: (events) =>
      send(
        entities.malwareScanResults,
        events.map((event) => message(event.id, event)),
      ),
  }
}

/** The trace goes along under the name that Azure's SDKs have for it. */
function message(messageId: string, body: unknown): ServiceBusMessage {
  const parent = traceParent()
  const trace = parent && { applicationProperties: { 'Diagnostic-Id': parent } }
  return { messageId, body, contentType: 'application/json', ...trace }
}

/** A new id for what must come back although it has been sent before (duplicate detection knows scheduled messages, too). */
const repeated = (again: number | undefined) => (again ? `/r${again}` : '')

/** The id for one more try of a message, whatever number its id told of the last try. */
export const failedId = (messageId: string, tries: number): string =>
  `${messageId.replace(/\/try\d+$/, '')}/try${tries}`

/** Sends as many at a time as fit into one batch. */
async function sendAll(sender: ServiceBusSender, messages: ServiceBusMessage[]) {
  if (messages.length === 0) return
  if (messages.length === 1) return sender.sendMessages(messages)
  let batch = await sender.createMessageBatch()
  for (const each of messages) {
    if (batch.tryAddMessage(each)) continue
    await sender.sendMessages(batch)
    batch = await sender.createMessageBatch()
    if (!batch.tryAddMessage(each)) throw new Error(`A message is too large for Service Bus: ${each.messageId}`)
  }
  await sender.sendMessages(batch)
}
