import { fileTransferEvents, queues } from '../src/config.js'
import type { Entities } from './serviceBus/entities.js'

const DUPLICATE_DETECTION_MS = 10 * 60_000

/** The entities of the app, as Bicep declares them in Azure. `lockSeconds` is the lock duration of a message. */
export function entities(lockSeconds = 30): Required<Entities> {
  const delivery = { maxDeliveryCount: 10, lockDurationMs: lockSeconds * 1000 }
  const queue = { ...delivery, duplicateDetectionMs: DUPLICATE_DETECTION_MS }
  return {
    queues: Object.fromEntries(Object.values(queues).map((name) => [name, queue])),
    topics: {
      [fileTransferEvents.topic]: {
        duplicateDetectionMs: DUPLICATE_DETECTION_MS,
        subscriptions: Object.fromEntries(
          Object.values(fileTransferEvents.subscriptions).map((name) => [name, delivery]),
        ),
      },
    },
  }
}
