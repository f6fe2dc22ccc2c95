import type { DueDeadlines, Outbox, OutboxEntry } from '../../src/usecases/ports/outbox.js'
import { memoryDueDeadlines } from './memoryDueDeadlines.js'

/** The outbox and the deadlines in memory. */
export function memoryPending(now: () => Date): { outbox: Outbox; due: DueDeadlines } {
  const entries = new Map<string, OutboxEntry & { since: Date }>()
  const due = memoryDueDeadlines(now)
  const keyOf = ({ fileTransferId, changeId }: OutboxEntry) => `${fileTransferId}/${changeId}`

  return {
    due,
    outbox: {
      async add(entry, deadlines) {
        entries.set(keyOf(entry), { ...entry, since: now() })
        await due.replace(entry.fileTransferId, [], deadlines)
      },

      async remove(entry, obsolete) {
        entries.delete(keyOf(entry))
        await due.replace(entry.fileTransferId, obsolete, [])
      },

      async *all() {
        yield* structuredClone([...entries.values()])
      },
    },
  }
}
