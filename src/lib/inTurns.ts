/**
 * Does the work of a key one piece after the other. What comes meanwhile is done together as the next piece, in its
 * order, as far as it has no more than `most` items. Its promise is that of the piece it is in.
 */
export function inTurns<Item, Done>(most: number, work: (key: string, items: Item[]) => Promise<Done>) {
  type Waiting = { items: Item[]; resolve: (done: Done) => void; reject: (error: unknown) => void }
  const queues = new Map<string, Waiting[]>()

  /** Takes from the queue what is done together: one at least. */
  function firstOf(queue: Waiting[]): Waiting[] {
    let count = 0
    const end = queue.findIndex(({ items }) => {
      count += items.length
      return count > most
    })
    return queue.splice(0, end === -1 ? queue.length : Math.max(1, end))
  }

  async function workOff(key: string, queue: Waiting[]) {
    while (queue.length > 0) {
      const some = firstOf(queue)
      try {
        const done = await work(
          key,
          some.flatMap(({ items }) => items),
        )
        for (const { resolve } of some) resolve(done)
      } catch (error) {
        for (const { reject } of some) reject(error)
      }
    }
    queues.delete(key)
  }

  return (key: string, items: Item[]): Promise<Done> =>
    new Promise((resolve, reject) => {
      const running = queues.get(key)
      const queue = running ?? []
      queue.push({ items, resolve, reject })
      if (running) return
      queues.set(key, queue)
      void workOff(key, queue)
    })
}
