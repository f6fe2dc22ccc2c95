import { randomUUID } from 'node:crypto'

// Where the emulator keeps its own data on a message: the AMQP sections as received, and sequence number with delivery count.
const SECTIONS = Symbol.for('amqp-emulator amqp10 sections')
const STATE = Symbol.for('amqp-emulator service bus state')

/** Marks a message that was let in when it was scheduled and must not be taken for its own duplicate when it is due. */
const LET_IN = Symbol('let in')

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
  [LET_IN]?: boolean
}

export const messageIdOf = (properties: MessageProperties) =>
  String(properties[SECTIONS]?.properties?.messageId ?? properties.messageId)

/** Gives the message an id if it has none, as Azure does. */
export function giveId({ [SECTIONS]: sections }: MessageProperties) {
  if (!sections) return
  sections.properties ??= {}
  sections.properties.messageId ??= randomUUID()
}

/** When the message is due, in milliseconds since 1970; 0 is at once. */
export const dueAt = (properties: MessageProperties) =>
  Number(properties[SECTIONS]?.messageAnnotations?.['x-opt-scheduled-enqueue-time'] ?? 0)

export const isLetIn = (properties: MessageProperties) => properties[LET_IN] === true

export const asLetIn = <P extends MessageProperties>(properties: P): P => ({ ...properties, [LET_IN]: true })

/** A copy for another queue, which gives it a sequence number and a delivery count of its own. */
export const copied = <P extends MessageProperties>(properties: P): P => ({ ...properties, [STATE]: undefined })

/** Abandon and defer may set application properties. The sections are copied, since the copies of a topic share one object. */
export function setApplicationProperties(
  message: { properties: MessageProperties },
  changes?: Record<string, unknown>,
) {
  const sections = message.properties[SECTIONS]
  if (!changes || !sections) return
  const applicationProperties = { ...sections.applicationProperties, ...changes }
  message.properties[SECTIONS] = { ...sections, applicationProperties }
}
