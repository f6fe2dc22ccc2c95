/** Random choices that are the same for the same seed. */
export type Random = ReturnType<typeof randomFrom>

/** Mulberry32: small, and good enough to choose with. */
export function randomFrom(seed: number) {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (bound: number) => Math.floor(next() * bound)
  return {
    /** From 0, and below 1. */
    unit: next,
    below,
    chance: (probability: number) => next() < probability,
    pick: <Item>(items: readonly [Item, ...Item[]]): Item => items[below(items.length)] ?? items[0],
    bytes: (count: number) => Buffer.from(Array.from({ length: count }, () => below(256))),
  }
}
