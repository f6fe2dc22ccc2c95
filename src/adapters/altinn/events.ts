import type { EventReceiver } from '../../usecases/ports/events.js'
import type { Platform } from './platform.js'

const SCOPE = 'altinn:events.publish altinn:events.publish.admin'

/** Altinn Events over HTTP (spec 13). */
export const altinnEvents = (platform: Platform): EventReceiver => ({
  async post(event) {
    const response = await platform('events/api/v1/events', {
      method: 'POST',
      headers: { 'content-type': 'application/cloudevents+json' },
      body: JSON.stringify(event),
      scope: SCOPE,
    })
    await response.body?.cancel()
    return response.status
  },
})
