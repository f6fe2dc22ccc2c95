// Tabs share their notes of unfinished uploads: a lock says which of them sends a file.

/** The files that this tab sends. Other tabs leave them alone until they are released, or the tab is closed. */
export function claimsOfTab() {
  const releases = new Map<string, () => void>()

  /** Holds the lock; false when another tab has it, and it is not to be waited for. */
  const request = (id: string, options: LockOptions) =>
    new Promise<boolean>((decide, fail) => {
      const { promise: until, resolve } = Promise.withResolvers<void>()
      releases.set(id, resolve)
      const hold = (lock: Lock | null) => {
        if (!lock) releases.delete(id)
        decide(lock !== null)
        return lock ? until : undefined
      }
      if (navigator.locks) navigator.locks.request(`sending ${id}`, options, hold).catch(fail)
      else decide(true)
    })

  return {
    hold(id: string): void {
      if (!releases.has(id)) void request(id, {})
    },
    holdIfFree: (id: string): Promise<boolean> => request(id, { ifAvailable: true }),
    release(id: string): void {
      releases.get(id)?.()
      releases.delete(id)
    },
  }
}
