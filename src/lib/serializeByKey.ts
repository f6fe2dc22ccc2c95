/**
 * Runs what has the same key one after the other; each is handed what the one before has left, if it has left anything. Who has waited for
 * `patienceMs` does not wait any longer, and runs beside those before it, with nothing in hand.
 */
export function serializeByKey<Left>(patienceMs: number) {
  const tails = new Map<string, Promise<Left | undefined>>()
  return async <Value>(
    key: string,
    run: (left: Left | undefined) => Promise<{ result: Value; leave: Left | undefined }>,
  ): Promise<Value> => {
    const before = tails.get(key)
    const done = (before ? atMost(before, patienceMs) : Promise.resolve(undefined)).then(run)
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
