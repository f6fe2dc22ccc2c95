/** Who waits, for what, and until when. */
type Waiter<Value> = { isOver(value: Value): boolean; endsAtMs: number; end(isTimeOver: boolean): void }
type Group = {
  waiters: Set<Waiter<never>>
  value: unknown
  isOlder(value: never, than: never): boolean
  read(): Promise<unknown>
  isReading: boolean
  failure?: unknown
}

type Deps = { intervalMs: number; most: number; nowMs: () => number; pause: (ms: number) => Promise<unknown> }

/** A wait for a value. All who wait for one key are given values of one type. */
export type Wait<Value> = {
  key: string
  /** The value as it was just read. */
  value: Value
  read(): Promise<Value>
  /** Whether a value is from before another one: what was read earlier may arrive later. */
  isOlder(value: Value, than: Value): boolean
  isOver(value: Value): boolean
  ms: number
  /** Ends the wait with the value as it is. */
  ending: AbortSignal
}

/** The value for which the wait is over, or the latest one. `isRefused`: too many wait already, and it did not wait. */
export type Waited<Value> = { value: Value; isRefused: boolean }

export type SharedWaits = ReturnType<typeof sharedWaits>

/**
 * Waits until values become what is asked for. All share one timer, and those who wait for one key share its reads:
 * one every `intervalMs`. No more than `most` wait at the same time.
 */
export function sharedWaits({ intervalMs, most, nowMs, pause }: Deps) {
  const groups = new Map<string, Group>()
  let left = most
  let isPolling = false

  function offer(group: Group, value: unknown) {
    if (!group.isOlder(value as never, group.value as never)) group.value = value
    group.failure = undefined
    for (const waiter of group.waiters) if (waiter.isOver(group.value as never)) waiter.end(false)
  }

  async function readInto(group: Group): Promise<void> {
    if (group.isReading) return
    group.isReading = true
    try {
      offer(group, await group.read())
    } catch (error) {
      group.failure = error
    } finally {
      group.isReading = false
    }
  }

  async function poll(): Promise<void> {
    if (isPolling) return
    isPolling = true
    while (groups.size > 0) {
      await pause(intervalMs)
      for (const group of groups.values()) {
        for (const waiter of group.waiters) if (waiter.endsAtMs <= nowMs()) waiter.end(true)
        // Not awaited: a slow read holds up nobody's end.
        if (group.waiters.size > 0) void readInto(group)
      }
    }
    isPolling = false
  }

  return {
    /** Rejects when the time is over and the last read has failed. */
    async until<Value>({ key, value, read, isOlder, isOver, ms, ending }: Wait<Value>): Promise<Waited<Value>> {
      if (isOver(value) || ending.aborted) return { value, isRefused: false }
      if (left === 0) return { value, isRefused: true }
      left -= 1
      const group = groups.get(key) ?? { waiters: new Set(), value, isOlder, read, isReading: false }
      groups.set(key, group)
      return new Promise((resolve, reject) => {
        const waiter: Waiter<Value> = {
          isOver,
          endsAtMs: nowMs() + ms,
          end(isTimeOver) {
            group.waiters.delete(waiter as Waiter<never>)
            if (group.waiters.size === 0 && groups.get(key) === group) groups.delete(key)
            left += 1
            ending.removeEventListener('abort', leave)
            if (isTimeOver && group.failure !== undefined) return reject(group.failure)
            resolve({ value: group.value as Value, isRefused: false })
          },
        }
        const leave = () => waiter.end(false)
        group.waiters.add(waiter as Waiter<never>)
        ending.addEventListener('abort', leave, { once: true })
        // It waits itself by now: a group that all others leave stays.
        offer(group, value)
        void poll()
      })
    },

    /** Gives a value to those who wait for this key, without a read. */
    offer(key: string, value: unknown): void {
      const group = groups.get(key)
      if (group) offer(group, value)
    },
  }
}
