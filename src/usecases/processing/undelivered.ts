import type { ActivityStore, UndeliveredEvent } from '../ports/activity.js'
import type { EventDelivery } from '../ports/events.js'
import type { ResourceStore } from '../ports/resources.js'
import type { Log } from '../ports/telemetry.js'

export type UndeliveredPorts = { activity: ActivityStore; resources: ResourceStore; log: Log }

/**
 * Lists an event whose delivery has failed for the service owner, or takes it from the list. It never fails: the list
 * shows what is late, and the delivery log alone says what is delivered.
 */
export async function listUndelivered(
  { activity, resources, log }: UndeliveredPorts,
  { id, event }: EventDelivery,
  change: 'addUndelivered' | 'removeUndelivered',
): Promise<void> {
  const { fileTransferId, resourceId, type, at, actor } = event
  try {
    const found = await resources.recent(resourceId)
    if (!found) return
    const listed: UndeliveredEvent = {
      eventId: id,
      fileTransferId,
      resourceId,
      organization: actor.organization,
      type,
      at,
    }
    await activity[change](found.resource.owner, listed)
  } catch (error) {
    log('event.notListed', { fileTransferId, type, eventId: id, error: String(error) })
  }
}
