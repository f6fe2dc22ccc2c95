/** The first items, up to `limit`, and whether there are more. No more than that is read. */
export async function firstOf<Item>(
  items: AsyncIterable<Item>,
  limit: number,
): Promise<{ items: Item[]; isCapped: boolean }> {
  const read: Item[] = []
  for await (const item of items) {
    if (read.length === limit) return { items: read, isCapped: true }
    read.push(item)
  }
  return { items: read, isCapped: false }
}
