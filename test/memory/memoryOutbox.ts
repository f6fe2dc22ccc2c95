import type { Outbox, OutboxEntry } from '../../src/usecases/ports/outbox.js'

/** The outbox in memory. */
export function memoryOutbox(now: () => Date): Outbox {
  const entries = new Map<string, OutboxEntry & { since: Date }>()
  const keyOf = ({ fileTransferId, changeId }: OutboxEntry) => `${fileTransferId}/${changeId}`

  return {
    async add(entry) {
      entries.set(keyOf(entry), { ...entry, since: now() })
    },

    async remove(entry) {
      entries.delete(keyOf(entry))
    },

    async *all() {
      yield* structuredClone([...entries.values()])
    },
  }
}
