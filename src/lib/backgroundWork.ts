/** Work that continues after the caller has been answered. It must not reject. */
export function backgroundWork() {
  const running = new Set<Promise<unknown>>()
  return {
    add(work: Promise<unknown>) {
      running.add(work)
      void work.finally(() => running.delete(work))
    },

    /** Resolves when none is running. */
    async drained() {
      while (running.size > 0) await Promise.all(running)
    },
  }
}
