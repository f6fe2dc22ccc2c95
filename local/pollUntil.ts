import { setTimeout as pause } from 'node:timers/promises'

/** Calls `isDone` again and again until it resolves to true; false when that took longer than `withinMs`. */
export async function pollUntil(
  isDone: () => Promise<boolean>,
  { withinMs, everyMs }: { withinMs: number; everyMs: number },
): Promise<boolean> {
  const deadline = Date.now() + withinMs
  while (!(await isDone())) {
    if (Date.now() > deadline) return false
    await pause(everyMs)
  }
  return true
}
