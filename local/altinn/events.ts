import { z } from 'zod'
import { eventPage } from './eventPage.js'
import { cloudEvent, type EventStore } from './eventStore.js'
import { type Answer, type Call, html, json, parseJson, type Route, text } from './http.js'
import { authorized, type Issuer } from './issuers.js'
import type { Subscriptions } from './subscriptions.js'
import type { World } from './world.js'

const PUBLISH_SCOPE = 'altinn:events.publish'
const SHOWN = 1000

/** Where Broker publishes its events. */
export function publishRoutes(altinn: Issuer, events: EventStore, subscriptions: Subscriptions): Route[] {
  const publish = async (call: Call): Promise<Answer> => {
    const claims = await authorized(altinn, call.headers.authorization, PUBLISH_SCOPE)
    if (!claims) return { status: 401, headers: { 'www-authenticate': 'Bearer' } }
    const type = call.headers['content-type']?.split(';')[0]?.trim().toLowerCase()
    if (type !== 'application/cloudevents+json') return text(415, 'Send application/cloudevents+json')
    const event = cloudEvent.safeParse(parseJson(await call.text()))
    if (!event.success) return text(400, `Not a CloudEvent that Altinn takes: ${z.prettifyError(event.error)}`)
    events.add(event.data, call.headers.traceparent?.toString())
    subscriptions.deliver(event.data)
    return { status: 200 }
  }
  return [{ method: 'POST', path: '/events/api/v1/events', answer: publish }]
}

/** What was received, for tests and for people. */
export function receivedRoutes(events: EventStore, world: World): Route[] {
  return [
    { method: 'GET', path: '/', answer: () => html(eventPage(events, world)) },
    {
      method: 'GET',
      path: '/events',
      answer: ({ url, headers }) => {
        if (headers.accept?.includes('text/html')) return html(eventPage(events, world))
        const instance = url.searchParams.get('resourceinstance')
        return json(200, instance === null ? events.newest(SHOWN) : events.about(instance))
      },
    },
  ]
}
