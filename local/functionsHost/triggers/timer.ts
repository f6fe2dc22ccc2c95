import { invokeWithRetries } from '../invocation.js'
import { setting } from '../settings.js'
import { schedule } from './schedule.js'
import type { TriggerStart } from './triggers.js'

const DAY_MS = 86_400_000

/** Runs the function on its schedule. A run that takes longer than the interval delays the next: they never overlap. */
export const startTimer: TriggerStart = (host, fn, binding, name) => {
  const next = schedule(setting(binding.schedule ?? ''))
  const isMonitored =
    binding.useMonitor !== false && next(next(new Date())).getTime() - next(new Date()).getTime() >= 60_000
  const started = new Date().toISOString()
  let last = '0001-01-01T00:00:00+00:00'
  let timeout: NodeJS.Timeout | undefined
  let stopped = false

  const run = async () => {
    const LastUpdated = last.startsWith('0001') ? started : last
    const status = { Last: last, Next: next(new Date()).toISOString(), LastUpdated }
    const timer = { Schedule: { AdjustForDST: true }, ScheduleStatus: isMonitored ? status : null, IsPastDue: false }
    last = new Date().toISOString()
    // A failure has been logged, and the next tick is the next try.
    await invokeWithRetries(host, fn, { inputData: [{ name, data: { json: JSON.stringify(timer) } }] }).catch(() => {})
  }
  const wait = (due = next(new Date())) => {
    if (stopped) return
    const left = due.getTime() - Date.now()
    // A timer of Node holds 24 days at most.
    timeout = left > DAY_MS ? setTimeout(wait, DAY_MS, due) : setTimeout(() => run().then(() => wait()), left)
    timeout.unref()
  }
  if (binding.runOnStartup) run().then(() => wait())
  else wait()

  return {
    runNow: run,
    async stop() {
      stopped = true
      clearTimeout(timeout)
    },
  }
}
