import type { InvocationContext, ServiceBusQueueHandler } from '@azure/functions'
import type { ServiceBusClient, ServiceBusReceivedMessage, ServiceBusReceiver } from '@azure/service-bus'
import type { LocalServiceBus } from '../../local/serviceBus/serviceBus.js'
import { messageHandler } from '../../src/adapters/bus/messageHandler.js'
import { fileTransferEvents, queues } from '../../src/config.js'
import { forEachConcurrent } from '../../src/lib/forEachConcurrent.js'
import type { Broker } from '../../src/usecases/broker.js'
import type { WorkQueue } from '../../src/usecases/ports/messages.js'

export type Queue = WorkQueue

const { topic, subscriptions } = fileTransferEvents
const isSubscription = (queue: Queue) => queue === 'altinnEvents' || queue === 'statistics'
const pathOf = (queue: Queue): string =>
  isSubscription(queue) ? `${topic}/Subscriptions/${subscriptions[queue]}` : queues[queue]
const QUEUES = ['altinnEvents', 'statistics', 'uploadProcessing', 'malwareScanResults', 'due', 'eventDelivery'] as const
const WIDTH = 16
/** The AMQP library of the local Service Bus keeps 2,048 messages that are not settled. */
const MOST_LOCKED = 1000

/** Takes what lies in the queues of a local Service Bus, and does what the functions in src/functions do with it. */
export function messagePump(client: ServiceBusClient, bus: LocalServiceBus) {
  const receivers = new Map<Queue, ServiceBusReceiver>()
  const receiverOf = (queue: Queue) => {
    const receiver =
      receivers.get(queue) ??
      (isSubscription(queue)
        ? client.createReceiver(topic, subscriptions[queue])
        : client.createReceiver(queues[queue]))
    receivers.set(queue, receiver)
    return receiver
  }

  /** The messages that lie in a queue now, up to `MOST_LOCKED`, locked. */
  async function take(queue: Queue): Promise<ServiceBusReceivedMessage[]> {
    const wanted = Math.min(bus.counts()[pathOf(queue)]?.active ?? 0, MOST_LOCKED)
    const taken: ServiceBusReceivedMessage[] = []
    while (taken.length < wanted) {
      taken.push(...(await receiverOf(queue).receiveMessages(wanted - taken.length, { maxWaitTimeInMs: 5000 })))
    }
    return taken
  }

  /** Has a message handled; it comes back when that fails. */
  async function handle(broker: Broker, queue: Queue, message: ServiceBusReceivedMessage): Promise<boolean> {
    try {
      await work(broker, queue, message)
    } catch {
      await receiverOf(queue).abandonMessage(message)
      return false
    }
    await receiverOf(queue).completeMessage(message)
    return true
  }

  return {
    take,
    handle,

    /** Has everything handled, and what follows from it, until nothing is left. Each message is seen first. */
    async empty(
      broker: Broker,
      settled: () => Promise<void>,
      seen: (queue: Queue, message: ServiceBusReceivedMessage) => void = () => {},
    ) {
      for (let isBusy = true; isBusy; ) {
        isBusy = false
        await settled()
        for (const queue of QUEUES) {
          const messages = await take(queue)
          isBusy ||= messages.length > 0
          for (const message of messages) seen(queue, message)
          await forEachConcurrent(messages, WIDTH, (message) => handle(broker, queue, message))
        }
      }
    },

    /** What lies anywhere, dead letters included. */
    left: () => Object.entries(bus.counts()).filter(([, counts]) => Object.values(counts).some((count) => count > 0)),
  }
}

/** Has a message handled as the function of its queue does. */
function work(broker: Broker, queue: Queue, message: ServiceBusReceivedMessage) {
  const { messageId, body, deliveryCount = 0, applicationProperties = {} } = message
  // The SDK counts deliveries from 0, the Functions host from 1.
  const triggerMetadata = { messageId: String(messageId), deliveryCount: deliveryCount + 1, applicationProperties }
  return handlersOf(broker)[queue](body, { triggerMetadata } as unknown as InvocationContext)
}

function handlersOf(broker: Broker): Record<Queue, ServiceBusQueueHandler> {
  const handle = messageHandler(broker.redeliverWithBackoff)
  return {
    altinnEvents: handle('altinnEvents', broker.fanOutEvents),
    statistics: handle('statistics', broker.recordStatistics),
    eventDelivery: handle('eventDelivery', broker.deliverEvent),
    uploadProcessing: handle('uploadProcessing', broker.processUpload),
    malwareScanResults: handle('malwareScanResults', async (results) => {
      for (const result of results) await broker.recordScanResult(result)
    }),
    due: handle('due', broker.doDeferredWork),
  }
}
