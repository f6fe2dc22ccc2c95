import type { ServiceBus } from 'amqp-emulator'
import { copyForQueue } from './message.js'

type Queue = NonNullable<ReturnType<ServiceBus['broker']['getQueue']>>

/** Puts an accepted message into its queue. */
export type Enqueue = Queue['queueMessage']
/** How accepted messages get to their queue, whose path is given. */
export type Delivery = { deliver(path: string, enqueue: Enqueue): Enqueue; coming(path: string): number }

/** Each message once, immediately. */
export const deliverOnce: Delivery = { deliver: (_, enqueue) => enqueue, coming: () => 0 }

/**
 * For tests: every message arrives after a random delay of up to `windowMs`, so that the order is lost, and a second
 * time within three times that delay. `coming` counts the deliveries still to arrive.
 */
export function duplicateAndReorder(windowMs: number): Delivery {
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
        const again = properties && copyForQueue(properties)
        arrive(Math.random() * windowMs, fields, content, properties)
        arrive(windowMs + Math.random() * 2 * windowMs, fields, content, again)
        return 0
      }
    },
    coming: (path) => coming.get(path) ?? 0,
  }
}
