import { type ActivityRow, isKept } from '../../domain/projections/activity.js'
import type { ActivityStore } from '../ports/activity.js'

/** Merges a row into the activity, unless its day is past or about to be removed. Idempotent. */
export async function writeActivity(
  { activity, now }: { activity: ActivityStore; now: () => Date },
  row: ActivityRow | undefined,
): Promise<void> {
  if (row && isKept(row, now())) await activity.record(row)
}
