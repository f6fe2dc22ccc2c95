import { randomUUID } from 'node:crypto'

// Where the emulator keeps its own data on a message: the received AMQP sections; sequence number and delivery count.
const SECTIONS = Symbol.for('amqp-emulator amqp10 sections')
const STATE = Symbol.for('amqp-emulator service bus state')

/** A message that was accepted when it was scheduled. When it is due, it is not its own duplicate. */
const ACCEPTED = Symbol('accepted')

type Sections = {
  messageAnnotations?: Record<string, unknown>
  properties?: { messageId?: unknown }
  applicationProperties?: Record<string, unknown>
}

/** What the emulator hands along with a message's content. */
export type MessageProperties = {
  messageId?: string
  [SECTIONS]?: Sections
  [STATE]?: unknown
  [ACCEPTED]?: boolean
}

export const messageIdOf = (properties: MessageProperties) =>
  String(properties[SECTIONS]?.properties?.messageId ?? properties.messageId)

/** Gives the message an id if it has none, as Azure does. */
export function assignMessageId({ [SECTIONS]: sections }: MessageProperties) {
  if (!sections) return
  sections.properties ??= {}
  sections.properties.messageId ??= randomUUID()
}

/** When the message is due, in milliseconds since 1970; 0 is immediately. */
export const dueAt = (properties: MessageProperties) =>
  Number(properties[SECTIONS]?.messageAnnotations?.['x-opt-scheduled-enqueue-time'] ?? 0)

export const isAccepted = (properties: MessageProperties) => properties[ACCEPTED] === true

export const asAccepted = <P extends MessageProperties>(properties: P): P => ({ ...properties, [ACCEPTED]: true })

/** A copy for another queue, which gives it a sequence number and a delivery count of its own. */
export const copyForQueue = <P extends MessageProperties>(properties: P): P => ({ ...properties, [STATE]: undefined })

/**
 * Abandon and defer may set application properties. The sections are copied: the copies of a topic share one object.
 */
export function setApplicationProperties(
  message: { properties: MessageProperties },
  changes?: Record<string, unknown>,
) {
  const sections = message.properties[SECTIONS]
  if (!changes || !sections) return
  const applicationProperties = { ...sections.applicationProperties, ...changes }
  message.properties[SECTIONS] = { ...sections, applicationProperties }
}
