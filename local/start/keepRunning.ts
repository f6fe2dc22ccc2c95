import { setTimeout as pause } from 'node:timers/promises'
import type { Stack } from '../stack.js'

/** An app that has run for so long has not ended because of how it started. */
const STEADY_MS = 60_000

type Running = Pick<Stack, 'partEnded' | 'startApp' | 'appPid'>

/**
 * Starts the app again whenever it ends by itself, after longer and longer pauses. Resolves, to a sentence, when that
 * does not help, or when another part has ended, which holds what the app needs.
 */
export async function keepRunning(
  stack: Running,
  say: (line: string) => void,
  pausesMs = [0, 1000, 2000, 4000, 8000],
): Promise<string> {
  let pauses = pausesMs
  for (;;) {
    const startedAt = Date.now()
    const ended = await stack.partEnded()
    if (ended.name !== 'app') return `${ended.name} has ended (${ended.how}), and the rest needs it.`
    if (Date.now() - startedAt > STEADY_MS) pauses = pausesMs

    for (let how: string | undefined = ended.how; how !== undefined; ) {
      const [first, ...others] = pauses
      if (first === undefined) return `The app has ended again and again (${how}). What it wrote is above.`
      pauses = others
      say(`The app has ended (${how}). It starts again${first > 0 ? ` in ${first / 1000} s` : ''} ...`)
      await pause(first)
      how = await stack.startApp().then(() => undefined, reasonOf)
    }
    say(`The app is running again (process ${stack.appPid}).`)
  }
}

const reasonOf = (error: unknown) => (error instanceof Error ? error.message : String(error))
