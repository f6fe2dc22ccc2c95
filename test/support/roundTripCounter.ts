import type { FaultInjector } from './faultyClients.js'

/** With nothing on its way for so long, whatever was to be sent has been asked for. */
const QUIET_MS = 150

/**
 * Calls to the outside in rounds: those that are asked for while others are on their way wait until all of these have
 * been answered. So many rounds are the round trips one after the other that somebody has waited for. What goes beside
 * a question to Altinn costs no time of its own, and is not counted.
 */
export function roundTripCounter() {
  let waiting: { go: () => void; isToAltinn: boolean }[] = []
  let onTheWay = 0
  let rounds = 0
  let quiet: NodeJS.Timeout | undefined

  function startWhenQuiet() {
    clearTimeout(quiet)
    if (onTheWay > 0 || waiting.length === 0) return
    quiet = setTimeout(() => {
      const round = waiting
      waiting = []
      if (!round.some(({ isToAltinn }) => isToAltinn)) rounds++
      onTheWay = round.length
      for (const { go } of round) go()
    }, QUIET_MS)
  }

  const interceptor = (isToAltinn: boolean): FaultInjector => ({
    calls: () => 0,
    writes: () => 0,
    hasInjected: () => false,
    async intercept(send) {
      await new Promise<void>((go) => {
        waiting.push({ go, isToAltinn })
        startWhenQuiet()
      })
      return send().finally(() => {
        onTheWay--
        startWhenQuiet()
      })
    },
  })
  return { storage: interceptor(false), altinn: interceptor(true), rounds: () => rounds }
}
