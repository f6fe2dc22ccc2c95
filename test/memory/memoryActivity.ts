import { type ActivityRow, dayOf } from '../../src/domain/projections/activity.js'
import type { ActivityStore, UndeliveredEvent } from '../../src/usecases/ports/activity.js'

/** The activity in memory. */
export function memoryActivity(): ActivityStore {
  const rows = new Map<string, ActivityRow>()
  const events = new Map<string, UndeliveredEvent>()
  const eventKey = (owner: string, { at, fileTransferId, eventId }: UndeliveredEvent) =>
    [dayOf(at), owner, fileTransferId, eventId].join(' ')
  const inOrder = () => [...rows].toSorted(([one], [other]) => (one < other ? -1 : 1))
  const keyOf = ({ createdAt, serviceOwner, resourceId, fileTransferId }: ActivityRow) =>
    [dayOf(createdAt), serviceOwner, encodeURIComponent(resourceId), fileTransferId].join(' ')

  return {
    async record(row) {
      rows.set(keyOf(row), { ...rows.get(keyOf(row)), ...structuredClone(row) })
    },
    async *ofDay(day, owner) {
      const own = inOrder().filter(([, row]) => dayOf(row.createdAt) === day && row.serviceOwner === owner)
      yield* structuredClone(own.map(([, row]) => row))
    },
    async addUndelivered(owner, event) {
      events.set(eventKey(owner, event), structuredClone(event))
    },
    async removeUndelivered(owner, event) {
      events.delete(eventKey(owner, event))
    },
    async *undeliveredOf(day, owner) {
      const own = [...events].filter(([key]) => key.startsWith(`${day} ${owner} `))
      yield* structuredClone(own.map(([, event]) => event))
    },
    async removeBefore(day, limit) {
      const oldEvents = [...events.keys()].filter((key) => key.slice(0, day.length) < day)
      for (const key of oldEvents.slice(0, limit)) events.delete(key)
      const old = inOrder().filter(([, row]) => dayOf(row.createdAt) < day)
      const left = limit - Math.min(oldEvents.length, limit)
      for (const [key] of old.slice(0, left)) rows.delete(key)
      return Math.min(oldEvents.length + old.length, limit)
    },
  }
}
