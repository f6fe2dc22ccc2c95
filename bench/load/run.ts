import { setTimeout as pause } from 'node:timers/promises'
import { callsTo } from './calls.js'
import { type Measurements, measurements } from './measurements.js'
import { type Amount, amountOf, limitPassed, type Plan, sum } from './plan.js'
import type { Tokens } from './tokens.js'
import { type Outcome, transferWith } from './transfer.js'

export type LoadResult = {
  startedAt: Date
  seconds: number
  /** All transfers that were started, with any outcome. */
  begun: Amount
  /** Transfers that started later than planned, since too many were in flight. */
  late: number
  /** `refused`: could not be initialized. */
  outcomes: Record<Outcome | 'refused', number>
  measured: Measurements
  endedBy: 'time' | 'signal' | keyof Amount
}
type Target = { broker: string; subscriptionKey?: string | undefined; tokens: Tokens; log: (line: string) => void }

const PROGRESS_MS = 10_000
/** The gateway lets through 10 searches and 15 delivery logs in a minute, and a sample takes one and two. */
const SAMPLE_MS = 10_000
/** How long transfers in flight may finish after the end. */
const DRAIN_MS = 120_000

/**
 * Starts transfers at the rate of the plan until its time or one of its limits is reached, or `stop` fires; then waits
 * for those in flight, up to a time-out.
 */
export async function runLoad(
  plan: Plan,
  { broker, subscriptionKey, tokens, log }: Target,
  stop: AbortSignal,
): Promise<LoadResult> {
  const measured = measurements()
  const outcomes = { completed: 0, cancelled: 0, confirmed: 0, left: 0, refused: 0 }
  const timeout = new AbortController()
  const sender = tokens(plan.sender, 'altinn:broker.write')
  const recipients = plan.recipients.map((each) => tokens(each, 'altinn:broker.read'))
  for (const token of [sender, ...recipients]) await token() // fails before any transfer starts
  const transfer = transferWith({
    call: callsTo(broker, subscriptionKey, measured),
    measured,
    plan,
    isSample: everyMs(SAMPLE_MS),
    sender,
    recipients,
  })
  const stopped = new Promise((done) => stop.addEventListener('abort', done))
  const startedAt = new Date()
  const endsAt = startedAt.getTime() + plan.minutes * 60_000
  const inFlight = new Set<Promise<void>>()
  let begun: Amount = { transfers: 0, bytes: 0, dollars: 0 }
  let late = 0

  /** Starts one transfer, and does not wait for it. */
  const start = (size: number) => {
    const one: Promise<void> = transfer(size, AbortSignal.any([stop, timeout.signal]))
      .catch(() => 'refused' as const)
      .then((outcome) => {
        outcomes[outcome]++
        inFlight.delete(one)
      })
    inFlight.add(one)
  }

  /** Starts one after the other. Resolves to the reason for the end. */
  const startAll = async (): Promise<LoadResult['endedBy']> => {
    for (let index = 0; ; index++) {
      const dueAt = startedAt.getTime() + (index / plan.rate) * 1000
      const size = plan.sizes[index % plan.sizes.length] ?? 0
      const next = sum(begun, amountOf(size, plan.recipients.length))
      const limit = limitPassed(next, plan.most)
      if (limit) return limit
      if (dueAt >= endsAt) return 'time'
      await pause(Math.max(0, dueAt - Date.now()), undefined, { signal: stop }).catch(() => {})
      if (inFlight.size >= plan.concurrency) {
        late++
        await Promise.race([...inFlight, stopped])
      }
      if (stop.aborted) return 'signal'
      if (Date.now() >= endsAt) return 'time'
      begun = next
      start(size)
    }
  }

  const progress = setInterval(() => {
    const { completed, ...others } = outcomes
    const failed = Object.values(others).reduce((all, each) => all + each, 0)
    const left = Math.max(0, Math.round((endsAt - Date.now()) / 60_000))
    log(
      `${begun.transfers} begun, ${completed} completed, ${failed} failed, ${inFlight.size} under way; ${left} min left`,
    )
  }, PROGRESS_MS)

  const endedBy = await startAll()
  log(endedBy === 'signal' ? 'Cancelling what is under way.' : `Nothing more is begun (${endedBy}).`)
  const drained = setTimeout(() => timeout.abort(), DRAIN_MS)
  await Promise.all(inFlight)
  clearTimeout(drained)
  clearInterval(progress)
  const seconds = (Date.now() - startedAt.getTime()) / 1000
  return { startedAt, seconds, begun, late, outcomes, measured, endedBy }
}

/** True at most once per interval. */
function everyMs(ms: number): () => boolean {
  let next = 0
  return () => {
    if (Date.now() < next) return false
    next = Date.now() + ms
    return true
  }
}
