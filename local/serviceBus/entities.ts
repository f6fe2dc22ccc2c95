import type { ServiceBus } from 'amqp-emulator'
import type { Delivery } from './redelivery.js'

/** What a queue or a subscription does with messages that are not completed. */
export type DeliverySettings = { maxDeliveryCount?: number; lockDurationMs?: number }

/** The window in which a queue or a topic drops a repeated message id; 0 is off. */
export type DuplicateSettings = { duplicateDetectionMs?: number }

/** All queues, topics and subscriptions by name. Defaults are Azure's, without duplicate detection. */
export type Entities = {
  queues?: Record<string, DeliverySettings & DuplicateSettings>
  topics?: Record<string, DuplicateSettings & { subscriptions?: Record<string, DeliverySettings> }>
}

/** One entity. Its path is `queue`, `topic` or `topic/Subscriptions/name`. */
export type Entity = Required<DeliverySettings & DuplicateSettings> & {
  kind: 'queue' | 'topic' | 'subscription'
  path: string
  subscriptions: Entity[]
  /** When each message id was last accepted, oldest first. */
  seen: Map<string, number>
}

/** The entities by their paths in lower case: names ignore case. */
export type Catalogue = Map<string, Entity>

/**
 * How many messages are where in one entity, and the age of the oldest active one. `active` includes the locked ones.
 */
export type EntityCounts = { active: number; deadLettered: number; scheduled: number; oldestMs: number }

/** What the path of an entity's dead-letter queue ends in. */
export const DEAD_LETTERS = '/$DeadLetterQueue'

const DEFAULTS = { maxDeliveryCount: 10, lockDurationMs: 30_000, duplicateDetectionMs: 0 }

/** The catalogue of these queues and topics, with their dead-letter queues and no message. */
export function catalogue({ queues = {}, topics = {} }: Entities): Catalogue {
  const known: Catalogue = new Map()
  const add = (kind: Entity['kind'], path: string, settings: DeliverySettings & DuplicateSettings): Entity => {
    const entity = { kind, path, ...DEFAULTS, ...settings, subscriptions: [], seen: new Map() }
    known.set(path.toLowerCase(), entity)
    return entity
  }
  for (const [name, settings] of Object.entries(queues)) add('queue', name, settings)
  for (const [name, { subscriptions = {}, ...settings }] of Object.entries(topics)) {
    const topic = add('topic', name, settings)
    topic.subscriptions = Object.entries(subscriptions).map(([own, delivery]) =>
      add('subscription', `${name}/Subscriptions/${own}`, delivery),
    )
  }
  return known
}

/** The entity at a path; a dead-letter queue is an entity that never dead-letters. */
export function entityAt(known: Catalogue, path: string): Entity | undefined {
  if (!path.endsWith(DEAD_LETTERS)) return known.get(path.toLowerCase())
  const entity = known.get(path.slice(0, -DEAD_LETTERS.length).toLowerCase())
  return entity && { ...entity, path, maxDeliveryCount: Number.POSITIVE_INFINITY }
}

/** The counts of every entity by its path. A topic itself holds scheduled messages only. */
export function countsOf(bus: ServiceBus, known: Catalogue, { coming }: Delivery): Record<string, EntityCounts> {
  const size = (path: string) => bus.broker.getQueue(path)?.messageCount ?? 0
  const scheduled = new Map<string, number>()
  for (const { entity } of bus.scheduled.values()) scheduled.set(entity, (scheduled.get(entity) ?? 0) + 1)
  const oldestMs = (path: string) => {
    const [oldest] = bus.broker.getQueue(path)?.messages ?? []
    return oldest ? Date.now() - bus.stateOf(oldest).enqueuedTime : 0
  }
  const all = [...known.values()].map(({ path }) => [
    path,
    {
      oldestMs: oldestMs(path),
      active: size(path) + coming(path),
      deadLettered: size(path + DEAD_LETTERS),
      scheduled: scheduled.get(path) ?? 0,
    },
  ])
  return Object.fromEntries(all)
}
