import { type Context, Hono } from 'hono'
import { z } from 'zod'
import { authorized, type Issuer, unauthorized } from '../authentication/issuers.js'
import { jsonBody } from '../jsonBody.js'
import type { World } from '../world.js'
import { eventPage } from './eventPage.js'
import { cloudEvent, type EventStore } from './eventStore.js'
import type { Subscriptions } from './subscriptions.js'

const PUBLISH_SCOPE = 'altinn:events.publish'
const SHOWN = 1000

/** Where Broker publishes its events. */
export function publishRoutes(altinn: Issuer, events: EventStore, subscriptions: Subscriptions) {
  return new Hono().post('/events/api/v1/events', async (c) => {
    const claims = await authorized(altinn, c.req.header('authorization'), PUBLISH_SCOPE)
    if (!claims) return unauthorized(c)
    const type = c.req.header('content-type')?.split(';')[0]?.trim().toLowerCase()
    if (type !== 'application/cloudevents+json') return c.text('Send application/cloudevents+json', 415)
    const event = cloudEvent.safeParse(await jsonBody(c))
    if (!event.success) return c.text(`Not a CloudEvent that Altinn takes: ${z.prettifyError(event.error)}`, 400)
    events.add(event.data, c.req.header('traceparent'))
    subscriptions.deliver(event.data)
    return c.body(null, 200)
  })
}

/** The events about a resource, oldest first, as a subscriber reads those it may have missed. */
export function readRoutes(events: EventStore) {
  return new Hono().get('/events/api/v1/events', (c) => {
    const resource = c.req.query('resource')
    if (!resource) return c.text('resource is missing', 400)
    const about = events.newest(SHOWN).flatMap(({ event }) => (event.resource === resource ? [event] : []))
    const after = about.findIndex(({ id }) => id === c.req.query('after'))
    return c.json((after < 0 ? about : about.slice(0, after)).toReversed())
  })
}

/** What was received, for tests and for people. */
export function receivedRoutes(events: EventStore, world: World) {
  const page = (c: Context) => c.html(eventPage(events, world))
  return new Hono().get('/', page).get('/events', (c) => {
    if (c.req.header('accept')?.includes('text/html')) return page(c)
    const instance = c.req.query('resourceinstance')
    return c.json(instance === undefined ? events.newest(SHOWN) : events.about(instance))
  })
}
