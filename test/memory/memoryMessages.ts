import { changeNotificationId, checkUploadId, deadlineId, retryId, scanId } from '../../src/adapters/bus/messageIds.js'
import { addressOf } from '../../src/adapters/bus/serviceBusMessages.js'
import type { Messages, WorkMessage } from '../../src/usecases/ports/messages.js'

/** Where messages go, as the adapter of Service Bus names it. */
export type Entity = 'facts' | 'uploadProcessing' | 'eventDelivery' | 'due' | 'malwareScanResults'

/** A message as it was sent; its body is the JSON that a reader would parse. `at`: not before then. `returned`: it had failed. */
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
  const send = (entity: Entity, messageId: string, body: unknown) =>
    put({ entity, messageId, body: JSON.stringify(body) })

  return {
    put,

    async notifyOfChange(changeNotification) {
      const messageId = changeNotificationId(changeNotification)
      if (messageId) send('facts', messageId, changeNotification)
    },

    async checkUpload(body) {
      send('uploadProcessing', checkUploadId(body), body)
    },

    async deliver(deliveries, at) {
      for (const delivery of deliveries) {
        const message = { entity: 'eventDelivery', messageId: delivery.id, body: JSON.stringify(delivery) } as const
        put({ ...message, ...(at && { at }) })
      }
    },

    async redeliver({ queue, messageId, body, tries, replays, reason, isGivenUp }, at) {
      const { to: entity, subscription } = addressOf(queue)
      const returned = {
        tries,
        ...(replays && { replays }),
        ...(reason && { reason }),
        ...(isGivenUp && { isGivenUp }),
      }
      const id = retryId({ addressee: queue, messageId, tries, replays: replays ?? 0 })
      const message = { entity, messageId: id, body: JSON.stringify(body), at, returned }
      put({ ...message, ...(subscription && { subscription }) })
    },

    async enqueueDeadlines(rows) {
      for (const row of rows) send('due', deadlineId(row), { work: 'meetDeadline', row })
    },

    async finishUpload({ fileTransferId, attemptId }, at) {
      const messageId = `${fileTransferId}-finish-${attemptId}-${at.getTime()}`
      put({ entity: 'due', messageId, body: JSON.stringify({ work: 'finishUpload', fileTransferId, attemptId }), at })
    },

    async project(fileTransferId, sequence) {
      send('due', `${fileTransferId}-project-${sequence}`, { work: 'projectSearch', fileTransferId, sequence })
    },

    async removeFileTransfers(ids, jobId) {
      for (const fileTransferId of ids) {
        send('due', `${fileTransferId}-remove-${jobId}`, { work: 'removeFileTransfer', fileTransferId })
      }
    },

    async enqueueScanResults(events) {
      for (const event of events) send('malwareScanResults', scanId(event), event)
    },

    sent: () => structuredClone([...sent.values()]),

    take(time) {
      const isReady = ({ at }: SentMessage) => !at || at <= time
      const taken = waiting.filter(isReady)
      waiting = waiting.filter((message) => !isReady(message))
      return taken
    },
  }
}
