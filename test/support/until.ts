import { vi } from 'vitest'

/** For how long a test waits for what happens by itself. It is for what hangs: a machine may be many times slower. */
export const DEADLINE_MS = 120_000

/** Waits until this holds, which is checked every few milliseconds. */
export const until = <Value>(holds: () => Value | Promise<Value>, interval = 50): Promise<Value> =>
  vi.waitFor(holds, { timeout: DEADLINE_MS, interval })
