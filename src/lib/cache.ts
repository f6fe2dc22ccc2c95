/** Values that are good until a time, in milliseconds. Of more than `most` the oldest are forgotten first. */
export function remembered<Value>(most: number) {
  const known = new Map<string, { value: Value; until: number }>()
  return {
    get(key: string, now: number): Value | undefined {
      const found = known.get(key)
      if (found && now < found.until) return found.value
      known.delete(key)
      return undefined
    },

    keep(key: string, value: Value, until: number): void {
      known.set(key, { value, until })
      const [oldest] = known.keys()
      if (known.size > most && oldest !== undefined) known.delete(oldest)
    },
  }
}
