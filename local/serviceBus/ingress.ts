import type { ServiceBus } from 'amqp-emulator'
import { type Catalogue, DEAD_LETTERS, type Entity, entityAt } from './entities.js'
import {
  asAccepted,
  assignMessageId,
  copyForQueue,
  dueAt,
  isAccepted,
  type MessageProperties,
  messageIdOf,
} from './message.js'
import type { Delivery } from './redelivery.js'

/**
 * Accepts messages for declared entities only, without duplicates, not before they are due, and copies them to
 * subscriptions.
 */
export function acceptMessages(bus: ServiceBus, known: Catalogue, delivery: Delivery) {
  resolveDeclaredEntitiesOnly(bus, known)
  keepScheduledMessages(bus, known)
  for (const entity of known.values()) if (entity.kind !== 'topic') createQueue(bus, entity, delivery)
  copyToSubscriptions(bus, known)
}

function resolveDeclaredEntitiesOnly(bus: ServiceBus, known: Catalogue) {
  const resolve = bus.resolve.bind(bus)

  bus.resolve = (address) => {
    const [, name = '', deadLetters, management] =
      /^\/?(.*?)(\/\$DeadLetterQueue)?(\/\$management)?$/i.exec(address) ?? []
    if (name.startsWith('$')) return resolve(address) // $cbs, $management
    const entity = known.get(name.toLowerCase())
    if (entity === undefined || (deadLetters && entity.kind === 'topic')) {
      throw new Error(`The messaging entity '${name}' could not be found.`)
    }
    const path = entity.path + (deadLetters ? DEAD_LETTERS : '')
    if (management) return { kind: 'management', entity: path }
    return entity.kind === 'topic' ? { kind: 'topic', entity: path } : { kind: 'queue', entity: path, queue: path }
  }
}

/**
 * `scheduleMessages` puts its messages here by itself, from .NET without an id. A message counts as seen from when it
 * is scheduled, not from when it is due.
 */
function keepScheduledMessages(bus: ServiceBus, known: Catalogue) {
  const set = bus.scheduled.set.bind(bus.scheduled)

  bus.scheduled.set = (sequenceNumber, message) => {
    assignMessageId(message.properties)
    const entity = entityAt(known, message.entity)
    if (entity && !isNew(entity, message.properties)) return bus.scheduled
    return set(sequenceNumber, { ...message, properties: asAccepted(message.properties) })
  }
}

function createQueue(bus: ServiceBus, entity: Entity, delivery: Delivery) {
  const queue = bus.broker.getQueue(bus.createQueue(entity.path))
  bus.createQueue(entity.path + DEAD_LETTERS)
  if (queue === undefined) return
  const enqueue = delivery.deliver(entity.path, queue.queueMessage.bind(queue))

  queue.queueMessage = enqueue
  if (entity.kind === 'subscription') return // its topic has decided already
  queue.queueMessage = (fields, content, properties) =>
    accepts(bus, entity, content, properties ?? {}) ? enqueue(fields, content, properties) : queue.messageCount
}

function copyToSubscriptions(bus: ServiceBus, known: Catalogue) {
  const { broker } = bus
  const publish = broker.publish.bind(broker)

  broker.publish = (path, routingKey, content, properties = {}) => {
    const topic = entityAt(known, path)
    if (topic === undefined) return publish(path, routingKey, content, properties)
    if (!accepts(bus, topic, content, properties)) return 0
    for (const { path: queue } of topic.subscriptions) {
      broker.getQueue(queue)?.queueMessage({ routingKey: path, exchange: '' }, content, copyForQueue(properties))
    }
    return topic.subscriptions.length
  }
}

/**
 * False: a duplicate, dropped silently as in Azure, or a scheduled message, held until the emulator's sweep finds it
 * due.
 */
function accepts(bus: ServiceBus, entity: Entity, content: Buffer, properties: MessageProperties): boolean {
  if (isAccepted(properties)) return true
  const at = dueAt(properties)
  if (at <= Date.now()) return isNew(entity, properties)
  bus.scheduled.set(++bus.sequence, { entity: entity.path, content, properties, at })
  return false
}

/** Whether this message id was not seen within the entity's window; remembers it. */
function isNew({ seen, duplicateDetectionMs }: Entity, properties: MessageProperties): boolean {
  if (duplicateDetectionMs === 0) return true
  const now = Date.now()
  for (const [id, at] of seen) {
    if (at + duplicateDetectionMs > now) break // in order of time: the rest is younger
    seen.delete(id)
  }
  const messageId = messageIdOf(properties)
  if (seen.has(messageId)) return false
  seen.set(messageId, now)
  return true
}
