import pMap from 'p-map'

/**
 * Runs `work` for every item, at most `concurrency` at a time. One that fails does not hold up the others; the first
 * failure is thrown at the end. A failure of the items themselves is thrown immediately.
 */
export async function forEachConcurrent<Item>(
  items: Iterable<Item> | AsyncIterable<Item>,
  concurrency: number,
  work: (item: Item) => Promise<unknown>,
): Promise<void> {
  try {
    await pMap(items, async (item) => void (await work(item)), { concurrency, stopOnError: false })
  } catch (error) {
    throw error instanceof AggregateError ? error.errors[0] : error
  }
}
