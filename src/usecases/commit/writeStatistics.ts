import { monthOf, type StatisticsRow } from '../../domain/projections/statistics.js'
import type { StatisticsStore } from '../ports/statistics.js'

/** Merges rows into the statistics, and records those of a month that is over. Idempotent. */
export async function writeStatistics(
  { statistics, now }: { statistics: StatisticsStore; now: () => Date },
  rows: StatisticsRow[],
): Promise<void> {
  for (const [month, ofMonth] of Map.groupBy(rows, (row) => row.month)) {
    await statistics.merge(ofMonth)
    if (month < monthOf(now())) await statistics.recordLateChange(month, now())
  }
}
