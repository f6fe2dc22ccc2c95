import { addSeconds } from '../duration.js'

/** A time of the day, in UTC. */
export type TimeOfDay = { hour: number; minute: number }

/** When the last successful run of a nightly task began, and until when a run in progress keeps others out. */
export type NightlyRun = { doneAt: Date; heldUntil?: Date }

const DAY_MS = 24 * 3_600_000
/** A run that failed or whose process died is retried after this time. */
const RETRY_AFTER_SECONDS = 3600

/** When it last was this time of the day. */
export function lastOccurrence({ hour, minute }: TimeOfDay, now: Date): Date {
  const today = Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate(), hour, minute)
  return new Date(today > now.getTime() ? today - DAY_MS : today)
}

/** Whether the task has not succeeded since its last time of the day, and no run is in progress. */
export const isDue = ({ doneAt, heldUntil }: NightlyRun, time: TimeOfDay, now: Date): boolean =>
  doneAt < lastOccurrence(time, now) && (heldUntil === undefined || heldUntil <= now)

/** The task with a run that begins now. */
export const startRun = ({ doneAt }: NightlyRun, now: Date): NightlyRun => ({
  doneAt,
  heldUntil: addSeconds(now, RETRY_AFTER_SECONDS),
})
