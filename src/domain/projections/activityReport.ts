import type { FileTransferId, FileTransferStatus } from '../fileTransfer/state.js'
import { OBJECTIVES } from '../operating/objectives.js'
import type { ActivityRow, Day } from './activity.js'

/** The statuses that are counted. One whose upload is under way is counted with those that wait for their file. */
export const COUNTED_STATUSES = [
  'Initialized',
  'UploadProcessing',
  'Published',
  'AllConfirmedDownloaded',
  'Failed',
  'Cancelled',
  'Purged',
] as const satisfies FileTransferStatus[]

/** File transfers by their status now. */
export type StatusCounts = Record<(typeof COUNTED_STATUSES)[number], number>

/** How long files took from the last byte to their publication. `inTime`: within the objective. */
export type PublishTimes = { files: number; inTime: number; medianSeconds: number; p95Seconds: number }

/** The file transfers that were created on a day. `isCapped`: there are more than were counted. */
export type ActivityDay = {
  day: Day
  isCapped: boolean
  fileTransfers: number
  statuses: StatusCounts
  resources: { resourceId: string; statuses: StatusCounts }[]
  /** Undefined when no file has been published, or is overdue. */
  publishing: PublishTimes | undefined
  /** Complete files that are not published in time, longest first. */
  overdue: OverdueFile[]
}

/** A complete file that is not published although the objective says so. */
export type OverdueFile = { fileTransferId: FileTransferId; resourceId: string; since: Date }

const { withinSeconds } = OBJECTIVES.publication

/** Adds up the rows of a day, as of `now`. */
export function activityDay(day: Day, rows: ActivityRow[], isCapped: boolean, now: Date): ActivityDay {
  const byResource = Map.groupBy(rows, ({ resourceId }) => resourceId)
  const overdue = rows.flatMap((row) => {
    const since = waitingSince(row)
    if (!since || secondsBetween(since, now) <= withinSeconds) return []
    return [{ fileTransferId: row.fileTransferId, resourceId: row.resourceId, since }]
  })
  return {
    day,
    isCapped,
    fileTransfers: rows.length,
    statuses: countsOf(rows),
    resources: [...byResource].map(([resourceId, own]) => ({ resourceId, statuses: countsOf(own) })),
    publishing: publishTimes(rows, overdue, now),
    overdue: overdue.toSorted((one, other) => one.since.getTime() - other.since.getTime()),
  }
}

/** The status that follows from the steps: a later one hides those before it. */
export function statusOf(row: ActivityRow): keyof StatusCounts {
  if (row.purgedAt) return 'Purged'
  if (row.failedAt) return 'Failed'
  if (row.cancelledAt) return 'Cancelled'
  if (row.allConfirmedAt) return 'AllConfirmedDownloaded'
  if (row.publishedAt) return 'Published'
  return row.uploadedAt ? 'UploadProcessing' : 'Initialized'
}

function countsOf(rows: ActivityRow[]): StatusCounts {
  const counts = Object.fromEntries(COUNTED_STATUSES.map((each) => [each, 0])) as StatusCounts
  for (const row of rows) counts[statusOf(row)] += 1
  return counts
}

const waitingSince = (row: ActivityRow) => (statusOf(row) === 'UploadProcessing' ? row.uploadedAt : undefined)

const secondsBetween = (from: Date, to: Date) => Math.max(0, (to.getTime() - from.getTime()) / 1000)

/** A file that waits for longer than the objective counts with the time that it has waited. */
function publishTimes(rows: ActivityRow[], overdue: OverdueFile[], now: Date): PublishTimes | undefined {
  const published = rows.flatMap(({ uploadedAt, publishedAt }) =>
    uploadedAt && publishedAt ? [secondsBetween(uploadedAt, publishedAt)] : [],
  )
  const seconds = [...published, ...overdue.map(({ since }) => secondsBetween(since, now))].sort((a, b) => a - b)
  if (seconds.length === 0) return undefined
  return {
    files: seconds.length,
    inTime: seconds.filter((each) => each <= withinSeconds).length,
    medianSeconds: percentile(seconds, 0.5),
    p95Seconds: percentile(seconds, 0.95),
  }
}

/** The nearest rank of sorted values. */
const percentile = (sorted: number[], share: number): number => sorted[Math.ceil(share * sorted.length) - 1] ?? 0
