import type { OrganizationNumber } from '../../domain/organizationNumber.js'
import type { DailySummary } from '../../domain/projections/dailyReport.js'
import { largestParties } from '../../domain/projections/largestParties.js'
import { type Month, monthOf, type StatisticsRow } from '../../domain/projections/statistics.js'
import { ok } from '../../domain/result.js'
import { cachedAnswers } from '../../lib/expiringCache.js'
import { firstOf } from '../../lib/firstOf.js'
import type { Caller } from '../ports/access.js'
import type { MonthTotals, OwnerStatistics } from '../ports/activity.js'
import type { ServiceOwnerStore } from '../ports/resources.js'
import type { ClosedMonths, StatisticsStore } from '../ports/statistics.js'
import { getServiceOwner } from './serviceOwners.js'

type Deps = {
  statistics: StatisticsStore
  closedMonths: ClosedMonths
  serviceOwners: ServiceOwnerStore
  now: () => Date
}

/** This month and the five before it. */
const MONTHS = 6
/** The most rows of a month that is not closed that are counted. */
const MAX_ROWS = 10_000
const CURRENT_MS = 60_000
const PAST_MS = 3_600_000
const OWNERS = 100

type Totals = Omit<MonthTotals, 'month' | 'isCapped'>

/** The months of the calling service owner, newest first, and the largest parties of the newest. */
export function ownerStatistics({ statistics, closedMonths, serviceOwners, now }: Deps) {
  const ownerIs = getServiceOwner({ serviceOwners })
  const current = cachedAnswers<OwnerStatistics>(CURRENT_MS, now, OWNERS)
  const past = cachedAnswers<MonthTotals>(PAST_MS, now, OWNERS * MONTHS)
  const closed = cachedAnswers<Map<OrganizationNumber, Totals> | undefined>(PAST_MS, now, MONTHS)

  /** Of all owners: a closed month is one blob. */
  const closedTotals = (month: Month) =>
    closed.of(month, async () => {
      const found = await closedMonths.read(month)
      return found && totalsByOwner(found.days)
    })

  const rowsOf = (month: Month, owner: OrganizationNumber) => firstOf(statistics.ofServiceOwner(month, owner), MAX_ROWS)

  async function totalsOf(month: Month, owner: OrganizationNumber): Promise<MonthTotals> {
    const totals = await closedTotals(month)
    if (totals) return { month, ...(totals.get(owner) ?? NOTHING), isCapped: false }
    const { items, isCapped } = await rowsOf(month, owner)
    return { month, ...totalsOfRows(items), isCapped }
  }

  async function count(owner: OrganizationNumber): Promise<OwnerStatistics> {
    const countedAt = now()
    const months = monthsBefore(countedAt)
    const [rows, earlier] = await Promise.all([
      rowsOf(monthOf(countedAt), owner),
      Promise.all(months.map((month) => past.of(`${month} ${owner}`, () => totalsOf(month, owner)))),
    ])
    const { items, isCapped } = rows
    const thisMonth: MonthTotals = { month: monthOf(countedAt), ...totalsOfRows(items), isCapped }
    return { countedAt, months: [thisMonth, ...earlier], ...largestParties(items) }
  }

  return async (caller: Caller) => {
    const owner = await ownerIs(caller)
    if (!owner.ok) return owner
    const { organization } = owner.value
    return ok(await current.of(organization, () => count(organization)))
  }
}

const NOTHING: Totals = { fileTransfers: 0, sizeBytes: 0 }

const plus = (one: Totals, other: Totals): Totals => ({
  fileTransfers: one.fileTransfers + other.fileTransfers,
  sizeBytes: one.sizeBytes + other.sizeBytes,
})

function totalsByOwner(days: DailySummary[]): Map<OrganizationNumber, Totals> {
  const totals = new Map<OrganizationNumber, Totals>()
  for (const day of days) totals.set(day.serviceOwner, plus(totals.get(day.serviceOwner) ?? NOTHING, day))
  return totals
}

/** Those that were created in the month; the bytes of a transfer once. */
function totalsOfRows(rows: StatisticsRow[]): Totals {
  const created = rows.filter(({ createdAt }) => createdAt)
  const sizes = new Map(created.map(({ fileTransferId, sizeBytes = 0 }) => [fileTransferId, sizeBytes]))
  return { fileTransfers: created.length, sizeBytes: [...sizes.values()].reduce((sum, each) => sum + each, 0) }
}

/** Newest first. */
const monthsBefore = (at: Date): Month[] =>
  Array.from({ length: MONTHS - 1 }, (_, back) =>
    monthOf(new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() - 1 - back, 1))),
  )
