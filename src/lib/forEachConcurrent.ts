/**
 * Runs `work` for every item, at most `width` at a time. One that fails does not hold up the others; the first failure
 * is thrown at the end.
 */
export async function forEachConcurrent<Item>(
  items: Iterable<Item> | AsyncIterable<Item>,
  width: number,
  work: (item: Item) => Promise<unknown>,
): Promise<void> {
  const running = new Set<Promise<unknown>>()
  let failure: { error: unknown } | undefined
  for await (const item of items) {
    const one: Promise<unknown> = work(item)
      .catch((error: unknown) => {
        failure ??= { error }
      })
      .finally(() => running.delete(one))
    running.add(one)
    if (running.size >= width) await Promise.race(running)
  }
  await Promise.all(running)
  if (failure) throw failure.error
}
