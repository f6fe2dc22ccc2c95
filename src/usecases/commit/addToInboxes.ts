import type { OrganizationNumber } from '../../domain/organizationNumber.js'
import type { EventToPublish } from '../../domain/projections/altinnEvents.js'
import { forEachConcurrent } from '../../lib/forEachConcurrent.js'
import type { SharedWaits } from '../../lib/sharedWaits.js'
import type { Inbox } from '../ports/inbox.js'
import { eventIdOf } from './eventIds.js'
import { inboxKey } from './waits.js'

type Ports = { inbox: Inbox; waits: SharedWaits; now: () => Date }

/** Inboxes of a change that are written at the same time. */
const CONCURRENCY = 25

/** Adds the events that concern a recipient to its inbox, and wakes those who wait for it. */
export async function addToInboxes({ inbox, waits, now }: Ports, events: EventToPublish[]): Promise<void> {
  const received = events.filter(({ actor }) => actor.role === 'Recipient')
  const byRecipient = Map.groupBy(received, ({ actor }) => actor.organization)
  await forEachConcurrent([...byRecipient], CONCURRENCY, async ([organization, some]) => {
    const entries = some.map((event) => ({ eventId: eventIdOf(event), ...entryOf(event) }))
    waits.offer(inboxKey(organization as OrganizationNumber), await inbox.append(organization, entries, now()))
  })
}

const entryOf = ({ type, fileTransferId, resourceId, at }: EventToPublish) => ({ type, fileTransferId, resourceId, at })
