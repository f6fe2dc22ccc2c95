/** A terminal and npm may both send a signal for one Ctrl-C. */
const SAME_SIGNAL_MS = 500
const LOOKS_EVERY_MS = 500

/** Calls `stop` at the first signal, and `end` at the next. */
export function onStop(stop: () => void, end: () => void): void {
  let stoppingSince: number | undefined
  const onSignal = () => {
    if (stoppingSince === undefined) {
      stoppingSince = Date.now()
      stop()
    } else if (Date.now() - stoppingSince > SAME_SIGNAL_MS) {
      end()
    }
  }
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal).on('SIGHUP', onSignal)
  if (process.env.npm_lifecycle_event === 'start') watchParent(onSignal)
}

/** npm hands a signal on to the shell that it has started, which may end by it and hand nothing on. */
function watchParent(onGone: () => void): void {
  const parent = process.ppid
  const looking = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(looking)
    onGone()
  }, LOOKS_EVERY_MS)
}
