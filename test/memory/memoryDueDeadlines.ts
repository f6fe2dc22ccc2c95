import type { Deadline } from '../../src/domain/fileTransfer/state.js'
import type { DueDeadlines, DueRow } from '../../src/usecases/ports/outbox.js'

type Entry = { row: DueRow; notBefore: Date }

/** Deadlines in memory. */
export function memoryDueDeadlines(now: () => Date): DueDeadlines {
  const entries = new Map<string, Entry>()
  const keyOf = (id: string, { at, kind, sequence }: Deadline) => [at.getTime(), id, kind, sequence].join('/')

  return {
    async replace(id, gone, next) {
      for (const deadline of gone) entries.delete(keyOf(id, deadline))
      for (const { kind, at, sequence } of next) {
        const row = { fileTransferId: id, kind, at, sequence, tries: 0, since: now() }
        entries.set(keyOf(id, row), structuredClone({ row, notBefore: at }))
      }
    },

    async *dueBy(time) {
      const due = [...entries.values()].filter(({ row, notBefore }) => row.at <= time && notBefore <= time)
      due.sort((a, b) => a.row.at.getTime() - b.row.at.getTime())
      yield* structuredClone(due.map(({ row }) => row))
    },

    async *overdue(before) {
      yield* structuredClone([...entries.values()].map(({ row }) => row).filter(({ at }) => at < before))
    },

    async scheduleRetry(row, notBefore) {
      const found = entries.get(keyOf(row.fileTransferId, row))
      if (!found) return // it was applied meanwhile
      found.row.tries = row.tries + 1
      found.notBefore = notBefore
    },
  }
}
