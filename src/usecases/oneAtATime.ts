/** Runs what has the same key one after the other; each is handed what the one before has left, if it has left anything. */
export function oneAtATime<Left>() {
  const tails = new Map<string, Promise<Left | undefined>>()
  return async <Value>(
    key: string,
    run: (left: Left | undefined) => Promise<{ result: Value; leave: Left | undefined }>,
  ): Promise<Value> => {
    const done = (tails.get(key) ?? Promise.resolve(undefined)).then(run)
    const tail: Promise<Left | undefined> = done
      .then(({ leave }) => leave)
      .catch(() => undefined)
      .finally(() => tails.get(key) === tail && tails.delete(key))
    tails.set(key, tail)
    return (await done).result
  }
}
