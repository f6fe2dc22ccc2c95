import { useEffect, useState } from 'preact/hooks'

/** A value with subscribers. */
export type Observable<Value> = {
  get(): Value
  set(next: Value): void
  /** Calls the listener on every change, until the returned function is called. */
  subscribe(listener: () => void): () => void
}

export function observable<Value>(first: Value): Observable<Value> {
  let value = first
  const listeners = new Set<() => void>()
  return {
    get: () => value,
    set(next) {
      value = next
      for (const listener of listeners) listener()
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

/** The current value; the component renders again when it changes. */
export function useObservable<Value>(source: Observable<Value>): Value {
  const [value, setValue] = useState(source.get)
  useEffect(() => {
    const update = () => setValue(() => source.get())
    update()
    return source.subscribe(update)
  }, [source])
  return value
}
