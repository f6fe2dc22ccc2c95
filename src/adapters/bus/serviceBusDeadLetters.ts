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
type Place = {
  sendTo: string
  addressee: string
  subscription?: string
  receiver: (client: ServiceBusClient) => ServiceBusReceiver
}

/** Messages are there already, so that this is for the way to them. */
const WAIT_MS = 2000

/**
 * The dead-letter queues of Service Bus. A message is sent again with the bytes that it had. Every look has a client of its own: one that has
 * peeked goes on from there, whichever receiver it is asked by.
 */
export function serviceBusDeadLetters(
  connect: () => ServiceBusClient,
  { queues, topic, subscriptions }: Names,
): DeadLetters {
  const options = { subQueueType: 'deadLetter', receiveMode: 'peekLock', skipParsingBodyAsJson: true } as const
  const places = new Map<string, Place>()
  for (const [addressee, name] of Object.entries(queues)) {
    places.set(name, { sendTo: name, addressee, receiver: (client) => client.createReceiver(name, options) })
  }
  for (const [subscription, name] of Object.entries(subscriptions)) {
    places.set(`${topic}/${name}`, {
      ...{ sendTo: topic, addressee: subscription, subscription },
      receiver: (client) => client.createReceiver(topic, name, options),
    })
  }

  /** Does something at a place; `otherwise` where the namespace does not have it. */
  async function at<Value>(
    name: string,
    otherwise: Value,
    work: (receiver: ServiceBusReceiver, place: Place & { client: ServiceBusClient }) => Promise<Value>,
  ): Promise<Value> {
    const place = places.get(name)
    if (!place) throw new Error(`There is no queue ${name}.`)
    const client = connect()
    try {
      return await work(place.receiver(client), { ...place, client })
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'MessagingEntityNotFound') return otherwise
      throw error
    } finally {
      await client.close()
    }
  }

  return {
    places: [...places.keys()],

    peek: (name, limit) =>
      at(name, [], async (receiver) => {
        const found: DeadLetter[] = []
        for (;;) {
          const some = await receiver.peekMessages(limit - found.length)
          found.push(...some.map(known))
          if (some.length === 0 || found.length >= limit) return found
        }
      }),

    replay: (name, limit, until) =>
      at(name, { replayed: 0, isEmpty: true }, async (receiver, { client, ...place }) => {
        const isOld = ({ enqueuedTimeUtc = until }: ServiceBusReceivedMessage) => enqueuedTimeUtc <= until
        const wanted = (await receiver.peekMessages(limit)).filter(isOld).length
        if (wanted === 0) return { replayed: 0, isEmpty: true }
        const received = await receiver.receiveMessages(wanted, { maxWaitTimeInMs: WAIT_MS })
        const old = received.filter(isOld) // others may have taken some that were peeked
        const fresh = received.filter((message) => !isOld(message))
        await sendInBatches(
          client.createSender(place.sendTo),
          old.map((message) => copyOf(message, place)),
        )
        await Promise.all(old.map((message) => receiver.completeMessage(message)))
        await Promise.all(fresh.map((message) => receiver.abandonMessage(message)))
        return { replayed: old.length, isEmpty: received.length === 0 || fresh.length > 0 }
      }),
  }
}

/** What it was, with an id of its own and no try counted. */
function copyOf(message: ServiceBusReceivedMessage, { addressee, subscription }: Place): ServiceBusMessage {
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

/** What is told of a dead letter. Its reason is what Broker gave it up for, else what Service Bus says. */
function known(message: ServiceBusReceivedMessage): DeadLetter {
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

const named = z.object({ fileTransferId: z.guid() })
const naming = z.union([named, z.object({ event: named }), z.object({ row: named })])

/** The transfer that a message of ours is about. */
function fileTransferIdIn(body: unknown): string | undefined {
  try {
    const { data } = naming.safeParse(JSON.parse(String(body)))
    if (!data) return undefined
    if ('event' in data) return data.event.fileTransferId
    return 'row' in data ? data.row.fileTransferId : data.fileTransferId
  } catch {
    return undefined // it is no JSON, which may be why it is here
  }
}
