import type { DeliveryLog, DeliveryRecord, EventDelivery } from '../../src/usecases/ports/events.js'

/** A delivery log in memory. */
export function memoryDeliveryLog(): DeliveryLog {
  const entries = new Map<string, { delivery: EventDelivery; last: DeliveryRecord }>()
  const keyOf = ({ id, event }: EventDelivery) => [event.fileTransferId, event.actor.organization, id].join('/')

  return {
    async read(delivery) {
      return structuredClone(entries.get(keyOf(delivery))?.last)
    },

    async record(delivery, last) {
      const key = keyOf(delivery)
      if (entries.get(key)?.last.status === 'Delivered') return
      entries.set(key, structuredClone({ delivery, last }))
    },

    async ofFileTransfer(id, organization) {
      const found = [...entries.values()].filter(
        ({ delivery: { event } }) =>
          event.fileTransferId === id && (!organization || event.actor.organization === organization),
      )
      return new Map(found.map(({ delivery, last }) => [delivery.id, structuredClone(last)]))
    },

    async remove(id) {
      for (const [key, { delivery }] of entries) if (delivery.event.fileTransferId === id) entries.delete(key)
    },
  }
}
