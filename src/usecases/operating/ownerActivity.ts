import { OBJECTIVES } from '../../domain/operating/objectives.js'
import type { OrganizationNumber } from '../../domain/organizationNumber.js'
import { dayOf, daysBefore } from '../../domain/projections/activity.js'
import { type ActivityDay, activityDay } from '../../domain/projections/activityReport.js'
import { ok } from '../../domain/result.js'
import { cachedAnswers } from '../../lib/expiringCache.js'
import { firstOf } from '../../lib/firstOf.js'
import type { Caller } from '../ports/access.js'
import type { ActivityStore, OwnerActivity } from '../ports/activity.js'
import type { DeliveryLog } from '../ports/events.js'
import type { FileTransferReader } from '../ports/fileTransfers.js'
import type { DueDeadlines } from '../ports/outbox.js'
import type { ResourceStore, ServiceOwnerStore } from '../ports/resources.js'
import { getServiceOwner } from './serviceOwners.js'
import { transferOwners } from './transferOwners.js'
import { undeliveredEvents } from './undeliveredEvents.js'

type Deps = {
  activity: ActivityStore
  deliveryLog: DeliveryLog
  due: DueDeadlines
  transfers: FileTransferReader
  resources: ResourceStore
  serviceOwners: ServiceOwnerStore
  now: () => Date
}

/** Today and the seven days before it. */
const DAYS = 8
/** The most transfers of a day that are counted. */
const MAX_ROWS = 5000
/** The most overdue deadlines, of all owners, that are looked at. */
const MAX_DEADLINES = 200
/** The most late ones of each kind that are listed. */
const MAX_LISTED = 100
const MAX_RESOURCES = 200
/** Transfers that are still on their way are of today or yesterday. */
const CURRENT_DAYS = 2
const CURRENT_MS = 15_000
const PAST_MS = 300_000
const OWNERS = 100

/** What happens on the resources of the calling service owner, and which resources these are. */
export function ownerActivity(deps: Deps) {
  const { activity, due, resources, now } = deps
  const ownersOf = transferOwners(deps)
  const ownerIs = getServiceOwner(deps)
  const current = cachedAnswers<OwnerActivity>(CURRENT_MS, now, OWNERS)
  const past = cachedAnswers<ActivityDay>(PAST_MS, now, OWNERS * DAYS)
  const overdue = cachedAnswers<Awaited<ReturnType<typeof overdueDeadlines>>>(CURRENT_MS, now, 1)
  const lateEvents = undeliveredEvents(deps)

  async function countDay(owner: OrganizationNumber, at: Date, daysBack: number): Promise<ActivityDay> {
    const day = daysBefore(at, daysBack)
    const count = async () => {
      const { items, isCapped } = await firstOf(activity.ofDay(day, owner), MAX_ROWS)
      return activityDay(day, items, isCapped, at)
    }
    return daysBack < CURRENT_DAYS ? count() : past.of(`${dayOf(at)} ${day} ${owner}`, count)
  }

  /** Of all owners: the rows of deadlines do not name one. */
  async function overdueDeadlines() {
    const before = new Date(now().getTime() - OBJECTIVES.deadlines.withinSeconds * 1000)
    const { items, isCapped } = await firstOf(due.overdue(before), MAX_DEADLINES)
    const owners = await ownersOf(items.map(({ fileTransferId }) => fileTransferId))
    const deadlines = items.flatMap(({ fileTransferId, kind, at }) => {
      const owned = owners.get(fileTransferId)
      return owned ? [{ fileTransferId, kind, at, ...owned }] : []
    })
    return { deadlines, isCapped }
  }

  async function count(owner: OrganizationNumber): Promise<OwnerActivity> {
    const at = now()
    const back = Array.from({ length: DAYS }, (_, daysBack) => daysBack)
    const [days, events, all] = await Promise.all([
      Promise.all(back.map((daysBack) => countDay(owner, at, daysBack))),
      lateEvents(owner, at),
      overdue.of('all', overdueDeadlines),
    ])
    const ofCurrentDays = days.slice(0, CURRENT_DAYS)
    const files = ofCurrentDays.flatMap((day) => day.overdue).toSorted((one, other) => +one.since - +other.since)
    const deadlines = all.deadlines
      .filter(({ serviceOwner }) => serviceOwner === owner)
      .toSorted((one, other) => +one.at - +other.at)
    const isTooLong = [files, events.items, deadlines].some((list) => list.length > MAX_LISTED)
    return {
      countedAt: at,
      days,
      late: {
        files: files.slice(0, MAX_LISTED),
        events: events.items.slice(0, MAX_LISTED),
        deadlines: deadlines.slice(0, MAX_LISTED),
        isCapped: isTooLong || events.isCapped || all.isCapped || ofCurrentDays.some(({ isCapped }) => isCapped),
      },
    }
  }

  const of = (owner: OrganizationNumber) => current.of(owner, () => count(owner))

  return {
    get: async (caller: Caller) => {
      const owner = await ownerIs(caller)
      return owner.ok ? ok(await of(owner.value.organization)) : owner
    },

    /** By id. One that was configured before there was a list of them is found by its transfers of the last days. */
    resources: async (caller: Caller) => {
      const owner = await ownerIs(caller)
      if (!owner.ok) return owner
      const { organization } = owner.value
      const [listed, { days }] = await Promise.all([resources.idsOf(organization, MAX_RESOURCES + 1), of(organization)])
      const used = days.flatMap((day) => day.resources.map(({ resourceId }) => resourceId))
      const ids = [...new Set([...listed, ...used])].sort()
      const found = await Promise.all(ids.slice(0, MAX_RESOURCES).map((id) => resources.recent(id)))
      const own = found.flatMap((each) => (each?.resource.owner === organization ? [each.resource] : []))
      return ok({ resources: own, isCapped: ids.length > MAX_RESOURCES })
    },
  }
}
