import type { SearchProjection, TimelineEntry } from '../../domain/searchRows.js'
import type { SearchIndex } from '../../usecases/ports.js'

/** The search rows of all actors in memory, and where each of them stands. */
export type MemorySearchIndex = SearchIndex & { rows(): SearchProjection[] }

/** Timelines in memory. Rows only move forward. */
export function memorySearchIndex(): MemorySearchIndex {
  const heads = new Map<string, SearchProjection>()
  const keyOf = ({ actor: { organization, resourceId, role }, fileTransferId }: SearchProjection) =>
    JSON.stringify([organization, resourceId, role, fileTransferId])

  return {
    async readHead(projection) {
      const head = heads.get(keyOf(projection))
      if (!head) return undefined
      const keys = head.timelines.map(timelineKey)
      return { sequence: head.sequence, keys, version: `W/"${head.sequence}"` }
    },

    async project(projection) {
      const head = heads.get(keyOf(projection))
      if (head && head.sequence >= projection.sequence) return
      heads.set(keyOf(projection), structuredClone(projection))
    },

    rows: () => structuredClone([...heads.values()]),
  }
}

const timelineKey = ({ status, recipientStatus, at }: TimelineEntry) =>
  [status ?? '*', recipientStatus ?? '*', at.toISOString()].join(':')
