import { activityOf, daysBefore, KEPT_DAYS } from '../../domain/projections/activity.js'
import { type DailySummary, dailySummaries } from '../../domain/projections/dailyReport.js'
import { type IncludedParties, monthlyReport } from '../../domain/projections/monthlyReport.js'
import { type Month, mergeByKey, monthOf, statisticsOf } from '../../domain/projections/statistics.js'
import { err, ok } from '../../domain/result.js'
import { settleAll } from '../../lib/settleAll.js'
import { writeActivity } from '../commit/writeActivity.js'
import { writeStatistics } from '../commit/writeStatistics.js'
import type { Caller } from '../ports/access.js'
import type { ActivityStore } from '../ports/activity.js'
import type { FileTransferReader } from '../ports/fileTransfers.js'
import type { ChangeNotification } from '../ports/messages.js'
import type { ResourceStore, ServiceOwnerStore } from '../ports/resources.js'
import type { ClosedMonths, Report, StatisticsStore, ToParquet } from '../ports/statistics.js'
import type { Log } from '../ports/telemetry.js'

type Statistics = { statistics: StatisticsStore; closedMonths: ClosedMonths; now: () => Date; log: Log }

const DAY_MS = 24 * 3_600_000
/** A month is closed when it has been over for this long. */
const CLOSED_AFTER_MS = 2 * DAY_MS
/** A change of a closed month is recorded up to this long after it was made. Clocks differ less. */
const MARGIN_MS = 3_600_000

type RecordDeps = Pick<Statistics, 'statistics' | 'now'> & { activity: ActivityStore; transfers: FileTransferReader }

/** Counts facts that were not counted with their commit; idempotent. Throws to have the message redelivered. */
export const recordStatistics =
  ({ transfers, statistics, activity, now }: RecordDeps) =>
  async (changeNotification: ChangeNotification): Promise<void> => {
    const counted = changeNotification.statistics
      ? changeNotification
      : await readCounted(transfers, changeNotification)
    await settleAll([
      writeStatistics({ statistics, now }, counted.statistics ?? []),
      writeActivity({ activity, now }, counted.activity),
    ])
  }

async function readCounted(
  transfers: FileTransferReader,
  { fileTransferId, counted }: ChangeNotification,
): Promise<Pick<ChangeNotification, 'statistics' | 'activity'>> {
  const found = counted.length > 0 && (await transfers.readThese(fileTransferId, counted))
  if (!found) return {}
  const { transfer, facts } = found
  return {
    statistics: mergeByKey(facts.flatMap(({ fact, sequence }) => statisticsOf(transfer, fact, sequence))),
    activity: activityOf(
      transfer,
      facts.map(({ fact }) => fact),
    ),
  }
}

/** What a service owner wants counted. */
export type MonthlyStatisticsQuery = {
  year: number
  month: number
  resourceId: string | undefined
  shown: IncludedParties
}

/** The monthly report of the caller, as of now. */
export const getMonthlyStatistics =
  ({ statistics, resources }: { statistics: StatisticsStore; resources: ResourceStore }) =>
  async ({ organization }: Caller, { year, month, resourceId, shown }: MonthlyStatisticsQuery) => {
    if (!isMonth(year, month)) return err('InvalidMonthFormat')
    if (!shown.endUser && !shown.vendor) return err('EndUserAndVendorBothExcluded')
    if (!organization) return err('NoAccessToResource')
    if (resourceId !== undefined) {
      const found = await resources.read(resourceId)
      if (!found) return err('ResourceHasNotBeenConfigured')
      if (found.resource.owner !== organization) return err('NoAccessToResource')
    }
    const wanted = `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}`
    const rows = statistics.ofServiceOwner(wanted, organization, resourceId)
    const of = resourceId?.replace(/[<>:"/\\|?*\p{Cc}]/gu, '_') ?? 'all-resources'
    const report = monthlyReport(wanted, shown)
    for await (const row of rows) report.add(row)
    return ok({ csv: report.csv(), fileName: `monthly_statistics_${of}_${wanted}.csv` })
  }

/** Spec 9.1; the last month of all has no end that .NET can name. */
const isMonth = (year: number, month: number): boolean =>
  year >= 1 && year <= 9999 && month >= 1 && month <= 12 && !(year === 9999 && month === 12)

/** The most rows of the activity that are removed in a night. What is left is removed in the next. */
const MAX_REMOVED = 1_000_000

/**
 * Closes every month that is over, and closes those again that have changed since; returns how many. Removes the
 * activity of days past. Idempotent, also when concurrent.
 */
export const refreshStatistics = (deps: Statistics & { activity: ActivityStore }) => async (): Promise<number> => {
  const { statistics, activity, now, log } = deps
  const open = monthOf(new Date(now().getTime() - CLOSED_AFTER_MS))
  let closed = 0
  for (const month of await statistics.months()) {
    if (month >= open || (await closedDays(deps, month))) continue
    const readFrom = now()
    await deps.closedMonths.save(month, { readFrom, days: await daysOf(deps, month) })
    log('statistics.monthClosed', { month })
    closed++
  }
  await activity.removeBefore(daysBefore(now(), KEPT_DAYS), MAX_REMOVED)
  return closed
}

async function daysOf({ statistics }: Statistics, month: Month): Promise<DailySummary[]> {
  const summaries = dailySummaries()
  for await (const row of statistics.ofMonth(month)) summaries.add(row)
  return summaries.days()
}

/** The days of a closed month, unless it has changed since, or may have. */
async function closedDays({ statistics, closedMonths }: Statistics, month: Month): Promise<DailySummary[] | undefined> {
  const [closed, changedAt] = await Promise.all([closedMonths.read(month), statistics.lastLateChange(month)])
  const isStale = closed && changedAt && changedAt.getTime() + MARGIN_MS > closed.readFrom.getTime()
  return isStale ? undefined : closed?.days
}

type ReportDeps = Statistics & {
  serviceOwners: ServiceOwnerStore
  toParquet: ToParquet
  hostingEnvironment: string
  /** The resources whose status messages are left out. */
  withoutStatusMessages: string[]
}

/** The report on every day so far: closed months as they were closed, the others from their rows. */
export const makeDailySummary = (deps: ReportDeps) => async () => {
  const { statistics, now, toParquet, hostingEnvironment, withoutStatusMessages } = deps
  const days: DailySummary[] = []
  for (const month of await statistics.months()) {
    days.push(...((await closedDays(deps, month)) ?? (await daysOf(deps, month))))
  }
  const shown = days.filter((day) => !(day.isStatusMessage && withoutStatusMessages.includes(day.resourceId)))
  if (shown.length === 0) return err('NoFileTransfersFound')

  const owners = [...new Set(shown.map(({ serviceOwner }) => serviceOwner))]
  const names = new Map(
    await Promise.all(owners.map(async (each) => [each, (await deps.serviceOwners.read(each))?.name ?? ''] as const)),
  )
  const lines = shown.toSorted(byDay).map(({ isStatusMessage, recipient, ...line }) => ({
    ...line,
    serviceOwnerName: names.get(line.serviceOwner) ?? '',
  }))
  let file: ReturnType<ToParquet>
  try {
    file = toParquet(lines)
  } catch (error) {
    deps.log('statistics.reportFailed', { error: String(error) })
    return err('ReportGenerationFailed')
  }
  const generatedAt = now()
  const stamp = generatedAt.toISOString().replace(/[-:]/g, '').replace('T', '_').slice(0, 15)
  return ok<Report>({
    name: `${stamp}_daily_summary_report_A3_${hostingEnvironment}.parquet`,
    ...file,
    serviceOwners: owners.length,
    fileTransfers: lines.reduce((sum, { fileTransfers }) => sum + fileTransfers, 0),
    generatedAt,
  })
}

const orderOf = ({ date, serviceOwner, sender, resourceId, recipient }: DailySummary) =>
  [date, serviceOwner, sender, resourceId, recipient].join(' ')
const byDay = (one: DailySummary, other: DailySummary) => (orderOf(one) < orderOf(other) ? -1 : 1)
