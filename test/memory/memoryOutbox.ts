import type { Outbox, OutboxEntry } from '../../src/usecases/ports/outbox.js'

/** The marks of changes under way in memory. */
export function memoryOutbox(now: () => Date): Outbox {
  const marks = new Map<string, OutboxEntry & { since: Date }>()
  const keyOf = ({ fileTransferId, changeId }: OutboxEntry) => `${fileTransferId}/${changeId}`

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
