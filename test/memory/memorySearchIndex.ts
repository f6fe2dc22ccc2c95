import type { SearchProjection, SearchQuery, TimelineEntry } from '../../src/domain/projections/search.js'
import type { SearchIndex, SearchPosition } from '../../src/usecases/ports/search.js'

/** The search rows of all actors in memory; for tests also the projections. */
export type MemorySearchIndex = SearchIndex & { rows(): SearchProjection[] }

/** Timelines in memory. Rows only move forward. */
export function memorySearchIndex(): MemorySearchIndex {
  const heads = new Map<string, SearchProjection>()
  const keyOf = ({
    actor: { organization, resourceId, role, partition = 0 },
    fileTransferId,
  }: Pick<SearchProjection, 'actor' | 'fileTransferId'>) =>
    JSON.stringify([organization, resourceId, role, partition, fileTransferId])

  return {
    async readHead(projection) {
      const head = heads.get(keyOf(projection))
      if (!head) return undefined
      return { sequence: head.sequence, keys: head.timelines.map(timelineKey) }
    },

    async project(projection) {
      const head = heads.get(keyOf(projection))
      if (head && head.sequence >= projection.sequence) return
      heads.set(keyOf(projection), structuredClone(projection))
    },

    async remove(projection) {
      heads.delete(keyOf(projection))
    },

    async search(query, after, limit) {
      const sign = query.order === 'newest' ? -1 : 1
      const inOrder = (one: SearchPosition, other: SearchPosition) =>
        sign * (one.at.getTime() - other.at.getTime()) || (one.fileTransferId < other.fileTransferId ? -1 : 1)
      const found = [...heads.values()].flatMap((head) => positionsOf(head, query))
      const once = new Map(found.map((each) => [each.fileTransferId, each]))
      const left = [...once.values()]
        .toSorted(inOrder)
        .filter((each) => !after || (inOrder(after, each) < 0 && each.fileTransferId !== after.fileTransferId))
      const page = left.slice(0, limit)
      return {
        ids: page.map(({ fileTransferId }) => fileTransferId),
        next: left.length > limit ? page.at(-1) : undefined,
      }
    },

    rows: () => structuredClone([...heads.values()]),
  }
}

/** The position of the transfer in the timeline that the query reads; none when it does not match. */
function positionsOf({ actor, fileTransferId, timelines }: SearchProjection, query: SearchQuery): SearchPosition[] {
  const { organization, resourceId, partitions = 1, roles, status, recipientStatus, from, to } = query
  const isRead = (actor.partition ?? 0) < partitions
  const isActors = actor.organization === organization && actor.resourceId === resourceId && roles.includes(actor.role)
  const entry = timelines.find((each) => each.status === status && each.recipientStatus === recipientStatus)
  if (!isActors || !isRead || !entry) return []
  const time = entry.at.getTime()
  const isLateEnough = !from || time > from.at.getTime() || (from.isInclusive && time === from.at.getTime())
  const isEarlyEnough = !to || time < to.at.getTime() || (to.isInclusive && time === to.at.getTime())
  return isLateEnough && isEarlyEnough ? [{ at: entry.at, fileTransferId }] : []
}

const timelineKey = ({ status, recipientStatus, at }: TimelineEntry) =>
  [status ?? '*', recipientStatus ?? '*', at.toISOString()].join(':')
