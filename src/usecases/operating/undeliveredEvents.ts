import { OBJECTIVES } from '../../domain/operating/objectives.js'
import type { OrganizationNumber } from '../../domain/organizationNumber.js'
import { daysBefore } from '../../domain/projections/activity.js'
import { firstOf } from '../../lib/firstOf.js'
import { forEachConcurrent } from '../../lib/forEachConcurrent.js'
import type { ActivityStore, LateEvent } from '../ports/activity.js'
import type { DeliveryLog } from '../ports/events.js'

/** A delivery is tried for two days; after that it is a dead letter. */
const DAYS = 4
/** The most listed events of a day that are looked at. */
const MAX_LOOKED_AT = 100
const CONCURRENCY = 16

/** The late events of a service owner, oldest first: those in the list of which the delivery log says so. */
export const undeliveredEvents =
  ({ activity, deliveryLog }: { activity: ActivityStore; deliveryLog: DeliveryLog }) =>
  async (owner: OrganizationNumber, at: Date): Promise<{ items: LateEvent[]; isCapped: boolean }> => {
    const lists = await Promise.all(
      Array.from({ length: DAYS }, (_, back) =>
        firstOf(activity.undeliveredOf(daysBefore(at, back), owner), MAX_LOOKED_AT),
      ),
    )
    const before = at.getTime() - OBJECTIVES.events.withinSeconds * 1000
    const listed = lists.flatMap(({ items }) => items).filter((event) => event.at.getTime() < before)
    const late: LateEvent[] = []
    await forEachConcurrent(listed, CONCURRENCY, async (event) => {
      const last = (await deliveryLog.ofFileTransfer(event.fileTransferId, event.organization)).get(event.eventId)
      if (last && last.status !== 'Delivered') late.push({ ...event, last })
    })
    return {
      items: late.toSorted((one, other) => +one.at - +other.at),
      isCapped: lists.some(({ isCapped }) => isCapped),
    }
  }
