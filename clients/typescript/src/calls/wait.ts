/** Waits. @throws the reason of the signal. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const stop = () => {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop)
      resolve()
    }, ms)
    signal?.addEventListener('abort', stop, { once: true })
  })
}

/** Delays that grow from `firstMs` up to `longestMs`. */
export function backoff({ firstMs, longestMs }: { firstMs: number; longestMs: number }, growth = 2) {
  let comingMs = firstMs
  return {
    nextMs(): number {
      const ms = Math.min(comingMs, longestMs)
      comingMs = ms * growth
      return ms
    },
    reset() {
      comingMs = firstMs
    },
  }
}
