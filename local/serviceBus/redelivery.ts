import type { ServiceBus } from 'amqp-emulator'
import { copied } from './message.js'

type Queue = NonNullable<ReturnType<ServiceBus['broker']['getQueue']>>

/** Puts a message that has been let in into its queue. */
export type Enqueue = Queue['queueMessage']
/** How messages get from the way in to their queue, whose path is given. */
export type Delivery = { deliver(path: string, enqueue: Enqueue): Enqueue; coming(path: string): number }

/** Each message once, at once. */
export const plainDelivery: Delivery = { deliver: (_, enqueue) => enqueue, coming: () => 0 }

/**
 * A hard school for tests: every message arrives after a random pause of up to `windowMs`, so that order is lost, and once more within three
 * times that, whatever became of the first. `coming` are those still to arrive.
 */
export function twiceAndOutOfOrder(windowMs: number): Delivery {
  const coming = new Map<string, number>()
  const count = (path: string, change: number) => coming.set(path, (coming.get(path) ?? 0) + change)

  return {
    deliver(path, enqueue) {
      const arrive = (afterMs: number, ...message: Parameters<Enqueue>) => {
        count(path, 1)
        setTimeout(() => {
          count(path, -1)
          enqueue(...message)
        }, afterMs).unref()
      }
      return (fields, content, properties) => {
        const again = properties && copied(properties)
        arrive(Math.random() * windowMs, fields, content, properties)
        arrive(windowMs + Math.random() * 2 * windowMs, fields, content, again)
        return 0
      }
    },
    coming: (path) => coming.get(path) ?? 0,
  }
}
