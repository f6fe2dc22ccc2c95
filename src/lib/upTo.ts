/**
 * The options of an LRU cache of so many entries. Where `max` takes the memory for all of them at once, 2 ms for 10,000,
 * these take it as they come.
 */
export const upTo = (entries: number) => ({ maxSize: entries, sizeCalculation: () => 1 })
