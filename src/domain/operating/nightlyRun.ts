import { addSeconds } from '../duration.js'

/** A time of the day, in UTC. */
export type TimeOfDay = { hour: number; minute: number }

/** The start of the last successful run of a nightly task, and until when a run that has not ended is left alone. */
export type NightlyRun = { doneAt: Date; heldUntil?: Date }

const DAY_MS = 24 * 3_600_000
/** A run that failed, or whose process died, is retried after this time. */
const HOLD_SECONDS = 3600

/** The newest moment with this time of the day, now at the latest. */
export function lastOccurrence({ hour, minute }: TimeOfDay, now: Date): Date {
  const today = Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate(), hour, minute)
  return new Date(today > now.getTime() ? today - DAY_MS : today)
}

/** Whether the task has not succeeded since it was last due, and no run of it may be under way. */
export const isDue = ({ doneAt, heldUntil }: NightlyRun, time: TimeOfDay, now: Date): boolean =>
  doneAt < lastOccurrence(time, now) && (heldUntil === undefined || heldUntil <= now)

/** The task while a run that begins now is under way. */
export const startRun = ({ doneAt }: NightlyRun, now: Date): NightlyRun => ({
  doneAt,
  heldUntil: addSeconds(now, HOLD_SECONDS),
})
