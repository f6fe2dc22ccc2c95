import { pMapIterable } from 'p-map'

/** At most this many finished items, for each concurrent one, wait for an unfinished one before them. */
const BACKLOG = 10

/**
 * Runs `work` for every item, at most `concurrency` at a time. One that fails does not hold up the others; the first
 * failure is thrown at the end. A failure of the items themselves is thrown immediately.
 */
export async function forEachConcurrent<Item>(
  items: Iterable<Item> | AsyncIterable<Item>,
  concurrency: number,
  work: (item: Item) => Promise<unknown>,
): Promise<void> {
  const results = pMapIterable(
    items,
    async (item) => {
      try {
        await work(item)
        return undefined
      } catch (error) {
        return { error }
      }
    },
    { concurrency, backpressure: concurrency * BACKLOG },
  )
  let first: { error: unknown } | undefined
  for await (const failure of results) first ??= failure
  if (first) throw first.error
}
