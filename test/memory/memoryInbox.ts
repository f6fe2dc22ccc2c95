import { randomUUID } from 'node:crypto'
import type { Inbox, InboxHead, NumberedEntry } from '../../src/usecases/ports/inbox.js'

/** Inboxes in memory. */
export function memoryInbox(): Inbox {
  const inboxes = new Map<string, { head: InboxHead; entries: (NumberedEntry & { addedAt: Date })[] }>()
  const of = (organization: string) => {
    const found = inboxes.get(organization) ?? {
      head: { epoch: randomUUID().slice(0, 8), last: 0, removed: 0 },
      entries: [],
    }
    inboxes.set(organization, found)
    return found
  }
  return {
    async append(organization, added, addedAt) {
      const { head, entries } = of(organization)
      for (const entry of added) entries.push(structuredClone({ ...entry, sequence: ++head.last, addedAt }))
      return { ...head }
    },
    head: async (organization) => ({ ...of(organization).head }),
    async read(organization, after, upTo) {
      const found = of(organization).entries.filter(({ sequence }) => sequence > after && sequence <= upTo)
      return structuredClone(found).map(({ addedAt, ...entry }) => entry)
    },
    async removeOlder(than, most) {
      let removed = 0
      for (const { head, entries } of inboxes.values()) {
        while (removed < most && entries[0] && entries[0].addedAt < than) {
          head.removed = entries.shift()?.sequence ?? 0
          removed++
        }
      }
      return removed
    },
  }
}
