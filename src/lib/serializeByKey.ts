/**
 * Runs work with the same key one after the other; each run is given what the one before has left, if anything. A run
 * that has waited for `longestWaitMs` starts without it, concurrently with those before.
 */
export function serializeByKey<Left>(longestWaitMs: number) {
  const tails = new Map<string, Promise<Left | undefined>>()
  return async <Value>(
    key: string,
    run: (left: Left | undefined) => Promise<{ result: Value; leave: Left | undefined }>,
  ): Promise<Value> => {
    const before = tails.get(key)
    const done = (before ? atMost(before, longestWaitMs) : Promise.resolve(undefined)).then(run)
    const tail: Promise<Left | undefined> = done
      .then(({ leave }) => leave)
      .catch(() => undefined)
      .finally(() => tails.get(key) === tail && tails.delete(key))
    tails.set(key, tail)
    return (await done).result
  }
}

/** What is left, or undefined when it takes too long. */
function atMost<Left>(left: Promise<Left | undefined>, milliseconds: number): Promise<Left | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, milliseconds, undefined)
  })
  return Promise.race([left, late]).finally(() => clearTimeout(timer))
}
