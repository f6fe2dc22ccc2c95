import { pMapIterable } from 'p-map'

/** So many items wait, done, for one before them: what is kept does not grow with the items. */
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
