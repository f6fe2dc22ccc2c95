import type { ServiceBusClient, ServiceBusSender } from '@azure/service-bus'
import { withTimeout } from '../../lib/timeout.js'
import type { Messages } from '../../usecases/ports/messages.js'
import { notifyOfChange } from './changeNotification.js'
import { checkUpload } from './checkUpload.js'
import { enqueueDeadlines } from './deadline.js'
import { deliver } from './eventDelivery.js'
import { finishUpload } from './finishUpload.js'
import { project } from './projectSearch.js'
import { redeliver } from './redeliveredMessage.js'
import { removeFileTransfers } from './removeFileTransfer.js'
import { enqueueScanResults } from './scanEvent.js'
import { type Entity, isTooLarge, type Send, sendInBatches } from './send.js'

const TIMEOUT_MS = 15_000

/**
 * Messages on Service Bus, to the entities of these names. No caller waits longer than the time-out, whatever the
 * client retries.
 */
export function serviceBusMessages(
  client: ServiceBusClient,
  names: Record<Entity, string>,
  timeoutMs = TIMEOUT_MS,
): Messages {
  const senders = new Map<Entity, ServiceBusSender>()
  return messagesBy(async (entity, messages) => {
    const sender = senders.get(entity) ?? client.createSender(names[entity])
    senders.set(entity, sender)
    await withTimeout(sendInBatches(sender, messages), timeoutMs).catch((cause: unknown) => {
      throw isTooLarge(cause) ? cause : notSent(names[entity], cause)
    })
  })
}

/** All messages. Their ids are derived from their content, so that duplicates are dropped. */
export const messagesBy = (send: Send): Messages => ({
  notifyOfChange: notifyOfChange(send),
  checkUpload: checkUpload(send),
  deliver: deliver(send),
  redeliver: redeliver(send),
  enqueueDeadlines: enqueueDeadlines(send),
  finishUpload: finishUpload(send),
  project: project(send),
  removeFileTransfers: removeFileTransfers(send),
  enqueueScanResults: enqueueScanResults(send),
})

const notSent = (name: string, cause: unknown) =>
  Object.assign(new Error(`Service Bus has not taken a message for ${name}: ${cause}`, { cause }), {
    isUpstream: true,
  })
