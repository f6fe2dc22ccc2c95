import type { Messages } from '../../usecases/ports.js'
import { failedId } from '../bus/serviceBusMessages.js'

/** Where messages go, as the adapter of Service Bus names it. */
export type Entity = 'facts' | 'uploadProcessing' | 'eventDelivery' | 'due' | 'malwareScanResults'

/** A message as it was sent; its body is the JSON that a reader would parse. `at`: not before then. */
export type SentMessage = { entity: Entity; messageId: string; body: string; at?: Date }

/** Messages that stay in memory until they are taken. */
export type MemoryMessages = Messages & {
  /** All that was ever sent, in order. */
  sent(): SentMessage[]
  /** Takes what may be received at this time. */
  take(time: Date): SentMessage[]
}

/** Queues in memory, which drop repeated ids for ever: duplicate detection without an end to its window. */
export function memoryMessages(): MemoryMessages {
  const sent = new Map<string, SentMessage>()
  let waiting: SentMessage[] = []

  const send = (entity: Entity, messageId: string, body: unknown, at?: Date) => {
    if (sent.has(`${entity}/${messageId}`)) return
    const message = { entity, messageId, body: JSON.stringify(body), ...(at && { at }) }
    sent.set(`${entity}/${messageId}`, message)
    waiting.push(message)
  }
  const repeated = (again: number | undefined) => (again ? `/r${again}` : '')

  return {
    async announce(fileTransferId, sequences) {
      for (const sequence of sequences) send('facts', `${fileTransferId}-${sequence}`, { fileTransferId, sequence })
    },

    async checkUpload(body, again) {
      send('uploadProcessing', `${body.fileTransferId}-${body.sequence}${repeated(again)}`, body)
    },

    async deliver(deliveries) {
      for (const delivery of deliveries) send('eventDelivery', delivery.id, delivery)
    },

    async deliverLater(delivery, at) {
      send('eventDelivery', `${delivery.id}${repeated(delivery.tries)}`, delivery, at)
    },

    async sendAgain({ queue, messageId, body, tries }, at) {
      send(queue, failedId(messageId, tries), body, at)
    },

    async meetDeadlines(rows) {
      for (const row of rows) {
        const { fileTransferId, kind, sequence, tries } = row
        send('due', `${fileTransferId}-${kind}-${sequence}${repeated(tries)}`, { work: 'meetDeadline', row })
      }
    },

    async project(fileTransferId, sequence) {
      send('due', `${fileTransferId}-project-${sequence}`, { work: 'projectSearch', fileTransferId, sequence })
    },

    async removeFileTransfers(ids, jobId) {
      for (const fileTransferId of ids) {
        send('due', `${fileTransferId}-remove-${jobId}`, { work: 'removeFileTransfer', fileTransferId })
      }
    },

    async handOnScans(events) {
      for (const event of events) send('malwareScanResults', event.id, event)
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
