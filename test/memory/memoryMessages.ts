import type { ServiceBusMessage } from '@azure/service-bus'
import { redeliveryProperties } from '../../src/adapters/bus/redeliveredMessage.js'
import type { Entity } from '../../src/adapters/bus/send.js'
import { messagesBy } from '../../src/adapters/bus/serviceBusMessages.js'
import type { Messages, WorkMessage } from '../../src/usecases/ports/messages.js'

/**
 * A message as it was sent; its body is the JSON that a reader would parse. `at`: not before then. `returned`: it had
 * failed.
 */
export type SentMessage = {
  entity: Entity
  messageId: string
  body: string
  at?: Date
  returned?: Pick<WorkMessage, 'tries' | 'replays' | 'reason' | 'isGivenUp'>
  /** The one subscription that it is for. */
  subscription?: string
}

/** Messages that stay in memory until they are taken. */
export type MemoryMessages = Messages & {
  /** Sends one, unless its id has been used before. */
  put(message: SentMessage): void
  /** All that was ever sent, in order. */
  sent(): SentMessage[]
  /** Takes what may be received at this time. */
  take(time: Date): SentMessage[]
}

/** Queues in memory, which drop repeated ids for ever: duplicate detection without an end to its window. */
export function memoryMessages(): MemoryMessages {
  const sent = new Map<string, SentMessage>()
  let waiting: SentMessage[] = []

  const put = (message: SentMessage) => {
    const key = `${message.entity}/${message.messageId}`
    if (sent.has(key)) return
    sent.set(key, message)
    waiting.push(message)
  }

  return {
    ...messagesBy(async (entity, messages) => {
      for (const message of messages) put(sentMessage(entity, message))
    }),
    put,
    sent: () => structuredClone([...sent.values()]),

    take(time) {
      const isReady = ({ at }: SentMessage) => !at || at <= time
      const taken = waiting.filter(isReady)
      waiting = waiting.filter((message) => !isReady(message))
      return taken
    },
  }
}

function sentMessage(entity: Entity, message: ServiceBusMessage): SentMessage {
  const { messageId, body, applicationProperties, scheduledEnqueueTimeUtc: at } = message
  const { tries, replays, reason, givenUp, subscription } = redeliveryProperties.parse(applicationProperties ?? {})
  const returned = tries !== undefined && {
    tries,
    ...(replays && { replays }),
    ...(reason && { reason }),
    ...(givenUp && { isGivenUp: true }),
  }
  return {
    entity,
    messageId: String(messageId),
    body: JSON.stringify(body),
    ...(at && { at }),
    ...(returned && { returned }),
    ...(subscription && { subscription }),
  }
}
