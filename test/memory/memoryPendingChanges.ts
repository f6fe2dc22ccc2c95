import type { ChangeMark, PendingChanges } from '../../src/usecases/ports/outbox.js'

/** The marks of changes under way in memory. */
export function memoryPendingChanges(now: () => Date): PendingChanges {
  const marks = new Map<string, ChangeMark & { since: Date }>()
  const keyOf = ({ fileTransferId, changeId }: ChangeMark) => `${fileTransferId}/${changeId}`

  return {
    async add(mark) {
      marks.set(keyOf(mark), { ...mark, since: now() })
    },

    async remove(mark) {
      marks.delete(keyOf(mark))
    },

    async *all() {
      yield* structuredClone([...marks.values()])
    },
  }
}
