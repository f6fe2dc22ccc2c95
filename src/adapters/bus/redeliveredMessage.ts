import { z } from 'zod'
import { sha256 } from '../../lib/sha256.js'
import type { Messages, WorkQueue } from '../../usecases/ports/messages.js'
import { type Entity, jsonMessage, type Send } from './send.js'

// A redelivered message has the same bytes, and an id that names who handles it, since subscriptions
// to a topic share ids: `{id}/{addressee}/try2` for the second retry, `{id}/{addressee}/replay1` when the dead letter
// is sent again, `{id}/{addressee}/replay1/try2` for its second retry.

/** What a redelivered message says of itself, as application properties. `subscription`: the only one it is for. */
export const redeliveryProperties = z.object({
  tries: z.number().optional(),
  replays: z.number().optional(),
  reason: z.string().optional(),
  givenUp: z.boolean().optional(),
  subscription: z.string().optional(),
})

/**
 * A message as it arrived at a queue or a subscription (the addressee). Its id may be chosen by others, or by an
 * earlier version.
 */
type Arrived = { addressee: string; messageId: string; tries: number; replays: number }

/** Service Bus takes ids of 128 characters; the longest addressee, 9999 replays and 99 tries take 36. */
const MAX_FIRST_ID = 128 - 36

/** The id for one more try; `tries` counts it already. */
export const retryId = (arrived: Arrived): string =>
  `${firstId(arrived, arrived.tries - 1)}${suffix(arrived, arrived.tries)}`

/** The id under which a dead letter is sent again. It is derived from its own, so that it is not sent twice. */
export const replayId = (arrived: Arrived): string =>
  `${firstId(arrived, arrived.tries)}${suffix({ ...arrived, replays: arrived.replays + 1 }, 0)}`

const suffix = ({ addressee, replays }: Pick<Arrived, 'addressee' | 'replays'>, tries: number): string =>
  `/${addressee}${replays > 0 ? `/replay${replays}` : ''}${tries > 0 ? `/try${tries}` : ''}`

/** The id before the message was redelivered for the first time, shortened to leave room. */
function firstId(arrived: Arrived, tries: number): string {
  const { messageId } = arrived
  const added = suffix(arrived, tries)
  const wasRedelivered = tries + arrived.replays > 0 && messageId.endsWith(added)
  const first = wasRedelivered ? messageId.slice(0, -added.length) : messageId
  return first.length <= MAX_FIRST_ID ? first : `sha256-${sha256(first)}`
}

/** Sends a message again, for this time, with its tries and the reason as application properties. */
export const redeliver =
  (send: Send): Messages['redeliver'] =>
  ({ queue, messageId, body, tries, replays, reason, isGivenUp }, at) => {
    const { to, subscription } = addressOf(queue)
    const properties = Object.entries({ tries, replays, reason, givenUp: isGivenUp, subscription }).flatMap(
      ([name, value]) => (value === undefined ? [] : [[name, value]]),
    )
    const message = jsonMessage(retryId({ addressee: queue, messageId, tries, replays: replays ?? 0 }), body, at)
    const applicationProperties = { ...message.applicationProperties, ...Object.fromEntries(properties) }
    return send(to, [{ ...message, applicationProperties }])
  }

/**
 * Where to send what is for this queue or subscription. A topic sends to all its subscriptions: the message names
 * the one that it is for, and the others pass it over.
 */
export const addressOf = (queue: WorkQueue): { to: Entity; subscription?: WorkQueue } =>
  queue === 'altinnEvents' || queue === 'statistics' ? { to: 'facts', subscription: queue } : { to: queue }
