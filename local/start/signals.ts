/** A terminal and npm may both send a signal for one Ctrl-C. */
const SAME_SIGNAL_MS = 500
const LOOKS_EVERY_MS = 500
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * Calls `stop` at the first signal, and `end` at the next. npm hands a signal on to the shell that it has started, which
 * may end by it and hand nothing on: that counts as a signal. Returns a function that ends this.
 */
export function onStop(stop: () => void, end: () => void): () => void {
  let stoppingSince: number | undefined
  const onSignal = () => {
    if (stoppingSince === undefined) {
      stoppingSince = Date.now()
      stop()
    } else if (Date.now() - stoppingSince > SAME_SIGNAL_MS) {
      end()
    }
  }
  const parent = process.ppid
  const looking = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(looking)
    onSignal()
  }, LOOKS_EVERY_MS)
  // Started by hand in the background, it may well outlive its parent.
  if (process.env.npm_lifecycle_event !== 'start') clearInterval(looking)
  for (const signal of SIGNALS) process.on(signal, onSignal)
  return () => {
    clearInterval(looking)
    for (const signal of SIGNALS) process.off(signal, onSignal)
  }
}
