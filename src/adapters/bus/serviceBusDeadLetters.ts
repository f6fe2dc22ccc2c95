import type {
  ServiceBusClient,
  ServiceBusMessage,
  ServiceBusReceivedMessage,
  ServiceBusReceiver,
} from '@azure/service-bus'
import { z } from 'zod'
import type { DeadLetter, DeadLetters } from '../../usecases/ports/operating.js'
import { redeliveryProperties, replayId } from './redeliveredMessage.js'
import { sendInBatches } from './send.js'

/** The queues, and the topic with its subscriptions, by what they are for. */
type Names = {
  queues: Record<string, string>
  topic: string
  subscriptions: Record<string, string>
}

/** `addressee`: who the messages were for. */
type DeadLetterQueue = {
  sendTo: string
  addressee: string
  subscription?: string
  receiver: (client: ServiceBusClient) => ServiceBusReceiver
}

/** The messages have been peeked already. */
const MAX_WAIT_MS = 2000

/**
 * The dead-letter queues of Service Bus. A message is sent again with the same bytes. Every call has a client of its
 * own, since a client goes on peeking from where it was, whichever receiver is used.
 */
export function serviceBusDeadLetters(
  connect: () => ServiceBusClient,
  { queues, topic, subscriptions }: Names,
): DeadLetters {
  const options = { subQueueType: 'deadLetter', receiveMode: 'peekLock', skipParsingBodyAsJson: true } as const
  const queuesByName = new Map<string, DeadLetterQueue>()
  for (const [addressee, name] of Object.entries(queues)) {
    queuesByName.set(name, { sendTo: name, addressee, receiver: (client) => client.createReceiver(name, options) })
  }
  for (const [subscription, name] of Object.entries(subscriptions)) {
    queuesByName.set(`${topic}/${name}`, {
      sendTo: topic,
      addressee: subscription,
      subscription,
      receiver: (client) => client.createReceiver(topic, name, options),
    })
  }

  /** Works on the dead letters of an entity; `otherwise` when the namespace does not have it. */
  async function at<Value>(
    name: string,
    otherwise: Value,
    work: (receiver: ServiceBusReceiver, queue: DeadLetterQueue & { client: ServiceBusClient }) => Promise<Value>,
  ): Promise<Value> {
    const queue = queuesByName.get(name)
    if (!queue) throw new Error(`There is no queue ${name}.`)
    const client = connect()
    try {
      return await work(queue.receiver(client), { ...queue, client })
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'MessagingEntityNotFound') return otherwise
      // The SDK calls a refused connection final.
      throw Object.assign(
        new Error(`Service Bus has not given the dead letters of ${name}: ${error}`, { cause: error }),
        {
          isUpstream: true,
        },
      )
    } finally {
      await client.close()
    }
  }

  return {
    entities: [...queuesByName.keys()],

    peek: (name, limit) => at(name, [], async (receiver) => (await peek(receiver, limit)).map(deadLetterOf)),

    replay: (name, limit, until, isWanted = () => true) =>
      at(name, { replayed: 0, isEmpty: true }, async (receiver, { client, ...queue }) => {
        const isDue = (message: ServiceBusReceivedMessage) =>
          (message.enqueuedTimeUtc ?? until) <= until && isWanted(deadLetterOf(message))
        // A queue gives its messages in order: those before the last wanted one are received, too, and left.
        const count = (await peek(receiver, limit)).findLastIndex(isDue) + 1
        if (count === 0) return { replayed: 0, isEmpty: true }
        const received = await receive(receiver, count)
        const due = received.filter(isDue) // other calls may have received some that were peeked
        const others = received.filter((message) => !isDue(message))
        await sendInBatches(
          client.createSender(queue.sendTo),
          due.map((message) => copyOf(message, queue)),
        )
        await Promise.all(due.map((message) => receiver.completeMessage(message)))
        await Promise.all(others.map((message) => receiver.abandonMessage(message)))
        return { replayed: due.length, isEmpty: received.length === 0 || others.length > 0 }
      }),
  }
}

/** The oldest, up to `limit`: one answer may have fewer than there are. */
async function peek(receiver: ServiceBusReceiver, limit: number): Promise<ServiceBusReceivedMessage[]> {
  const found: ServiceBusReceivedMessage[] = []
  for (;;) {
    const some = await receiver.peekMessages(limit - found.length)
    found.push(...some)
    if (some.length === 0 || found.length >= limit) return found
  }
}

/** The same, locked for the caller, up to `count`, until none comes. */
async function receive(receiver: ServiceBusReceiver, count: number): Promise<ServiceBusReceivedMessage[]> {
  const received: ServiceBusReceivedMessage[] = []
  for (;;) {
    const some = await receiver.receiveMessages(count - received.length, { maxWaitTimeInMs: MAX_WAIT_MS })
    received.push(...some)
    if (some.length === 0 || received.length >= count) return received
  }
}

/** A copy with an id of its own and no tries. */
function copyOf(message: ServiceBusReceivedMessage, { addressee, subscription }: DeadLetterQueue): ServiceBusMessage {
  const { tries = 0, replays = 0 } = properties.parse(message.applicationProperties)
  return {
    messageId: replayId({ addressee, messageId: idOf(message), tries, replays }),
    body: message.body,
    ...(message.contentType !== undefined && { contentType: message.contentType }),
    applicationProperties: { replays: replays + 1, ...(subscription && { subscription }) },
  }
}

const idOf = ({ messageId, sequenceNumber }: ServiceBusReceivedMessage) => String(messageId ?? sequenceNumber)

const properties = redeliveryProperties.catch({})

/** Describes a dead letter. Its reason is why Broker gave it up, else that of Service Bus. */
function deadLetterOf(message: ServiceBusReceivedMessage): DeadLetter {
  const { applicationProperties = {}, enqueuedTimeUtc, deliveryCount = 0, deadLetterReason, body } = message
  const { tries, reason } = properties.parse(applicationProperties)
  return {
    messageId: idOf(message),
    enqueuedAt: enqueuedTimeUtc ?? new Date(0),
    reason: reason ?? deadLetterReason ?? 'Unknown',
    tries: tries ?? deliveryCount,
    fileTransferId: fileTransferIdIn(body),
  }
}

const withId = z.object({ fileTransferId: z.guid() })
const messageBody = z.union([withId, z.object({ event: withId }), z.object({ row: withId })])

/** The transfer that a message is about. */
function fileTransferIdIn(body: unknown): string | undefined {
  try {
    const { data } = messageBody.safeParse(JSON.parse(String(body)))
    if (!data) return undefined
    if ('event' in data) return data.event.fileTransferId
    return 'row' in data ? data.row.fileTransferId : data.fileTransferId
  } catch {
    return undefined // not JSON, which may be why it is a dead letter
  }
}
