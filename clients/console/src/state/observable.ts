import { useEffect, useState } from 'preact/hooks'

/** A value that pages can follow. */
export type Observable<Value> = {
  get(): Value
  set(next: Value): void
  /** Calls back on every change, until the returned function is called. */
  follow(told: () => void): () => void
}

export function observable<Value>(first: Value): Observable<Value> {
  let value = first
  const followers = new Set<() => void>()
  return {
    get: () => value,
    set(next) {
      value = next
      for (const told of followers) told()
    },
    follow(told) {
      followers.add(told)
      return () => followers.delete(told)
    },
  }
}

/** The value now; the component is drawn again when it changes. */
export function useObservable<Value>(source: Observable<Value>): Value {
  const [value, setValue] = useState(source.get)
  useEffect(() => {
    const take = () => setValue(() => source.get())
    take()
    return source.follow(take)
  }, [source])
  return value
}
