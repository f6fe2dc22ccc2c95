import type {
  ServiceBusClient,
  ServiceBusMessage,
  ServiceBusReceiver,
  ServiceBusReceiverOptions,
} from '@azure/service-bus'

/** A queue, or a subscription of a topic. */
export type Place = string | { topic: string; subscription: string }

/** What the tests of the local Service Bus do with a client. */
export const messaging = (client: ServiceBusClient) => {
  const receiverAt = (place: Place, options: ServiceBusReceiverOptions = {}) =>
    typeof place === 'string'
      ? client.createReceiver(place, options)
      : client.createReceiver(place.topic, place.subscription, options)

  const send = async (entity: string, messages: ServiceBusMessage | ServiceBusMessage[]) => {
    const sender = client.createSender(entity)
    await sender.sendMessages(messages)
    await sender.close()
  }

  const nextIn = async (receiver: ServiceBusReceiver, waitMs = 2500) =>
    (await receiver.receiveMessages(1, { maxWaitTimeInMs: waitMs }))[0]

  /** The next message, locked. */
  const next = async (receiver: ServiceBusReceiver) => {
    const message = await nextIn(receiver)
    if (!message) throw new Error('There is no message.')
    return message
  }

  /** All messages at a place, removed from it. */
  const drain = async (place: Place, options: ServiceBusReceiverOptions = {}) => {
    const receiver = receiverAt(place, { receiveMode: 'receiveAndDelete', ...options })
    const all = []
    for (;;) {
      const some = await receiver.receiveMessages(100, { maxWaitTimeInMs: 400 })
      if (some.length === 0) break
      all.push(...some)
    }
    await receiver.close()
    return all
  }
  const bodies = async (place: Place) => (await drain(place)).map(({ body }) => body)
  const deadLetters = (place: Place) => drain(place, { subQueueType: 'deadLetter' })

  return { send, next, nextIn, drain, bodies, deadLetters }
}
