import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { type Context, Hono } from 'hono'
import { z } from 'zod'
import { jsonBody } from '../jsonBody.js'
import type { CloudEvent } from './eventStore.js'

const filters = z.object({
  endPoint: z.url({ protocol: /^https?$/ }),
  resourceFilter: z.string().startsWith('urn:altinn:resource:'),
  sourceFilter: z.url('SourceFilter must be an absolute URI').nullish(),
  subjectFilter: z.string().min(1).nullish(),
  alternativeSubjectFilter: z.string().min(1).nullish(),
  typeFilter: z.string().min(1).nullish(),
})

type Subscription = z.infer<typeof filters> & {
  id: number
  created: string
  /** True once the end point has answered the validation event; only then it gets events. */
  validated: boolean
}
/** A subscription with the events it has still to be sent, in order; `work` ends when all have been. */
type Delivery = { subscription: Subscription; waiting: CloudEvent[]; work: Promise<void>; cancelled: AbortController }

const PAUSES_MS = [200, 1000, 3000]
const TIMEOUT_MS = 10_000
const MAX_WAITING = 10_000

export type Subscriptions = ReturnType<typeof webhookSubscriptions>

/** Subscriptions with a webhook, as Altinn Events has them. The local one asks no token of a subscriber. */
export function webhookSubscriptions(base: string, log: (line: string) => void) {
  const deliveries = new Map<string, Delivery>()
  let nextId = 1

  const subscribe = async (c: Context) => {
    const asked = filters.safeParse(withEndPoint(await jsonBody(c)))
    if (!asked.success) return c.text(`The subscription cannot be made: ${z.prettifyError(asked.error)}`, 400)
    const subscription: Subscription = {
      ...asked.data,
      id: nextId++,
      created: new Date().toISOString(),
      validated: false,
    }
    const address = `${base}/events/api/v1/subscriptions/${subscription.id}`
    const delivery: Delivery = {
      subscription,
      waiting: [],
      work: Promise.resolve(),
      cancelled: new AbortController(),
    }
    deliveries.set(String(subscription.id), delivery)
    const validation = {
      id: randomUUID(),
      source: address,
      specversion: '1.0',
      type: 'platform.events.validatesubscription',
    }
    subscription.validated = await post(delivery, validation)
    if (!subscription.validated) delivery.work = validateLater(delivery, validation)
    return c.json(subscription, 201, { location: address })
  }

  const validateLater = async (delivery: Delivery, validation: object) => {
    delivery.subscription.validated = await postAgain(delivery, validation)
    if (!delivery.subscription.validated && !delivery.cancelled.signal.aborted)
      log(
        `subscription ${delivery.subscription.id} stays inactive: ${delivery.subscription.endPoint} did not answer 2xx`,
      )
  }

  const send = async (delivery: Delivery) => {
    for (let event = delivery.waiting[0]; event; event = delivery.waiting[0]) {
      const sent = (await post(delivery, event)) || (await postAgain(delivery, event))
      if (delivery.cancelled.signal.aborted) return
      if (!sent) log(`event ${event.id} was not taken by ${delivery.subscription.endPoint}`)
      delivery.waiting.shift()
    }
  }

  const routes = new Hono()
    .basePath('/events/api/v1/subscriptions')
    .post('/', subscribe)
    .get('/', (c) => {
      const all = [...deliveries.values()].map(({ subscription }) => subscription)
      return c.json({ count: all.length, subscriptions: all })
    })
    .get('/:id', (c) => {
      const delivery = deliveries.get(c.req.param('id'))
      return delivery ? c.json(delivery.subscription) : c.text('No such subscription', 404)
    })
    .delete('/:id', (c) => {
      const id = c.req.param('id')
      deliveries.get(id)?.cancelled.abort()
      return deliveries.delete(id) ? c.body(null, 200) : c.text('No such subscription', 404)
    })

  return {
    routes,
    /** Posts the event, in the background, to every active subscription that it matches. */
    deliver(event: CloudEvent): void {
      for (const delivery of deliveries.values()) {
        if (!delivery.subscription.validated || !matches(delivery.subscription, event)) continue
        if (delivery.waiting.length >= MAX_WAITING) {
          log(`event ${event.id} is dropped: ${delivery.subscription.endPoint} is ${MAX_WAITING} events behind`)
          continue
        }
        delivery.waiting.push(event)
        if (delivery.waiting.length === 1) delivery.work = send(delivery)
      }
    },
    async stop(): Promise<void> {
      for (const { cancelled } of deliveries.values()) cancelled.abort()
      await Promise.all([...deliveries.values()].map(({ work }) => work))
    },
  }
}

/** Altinn reads the names of members in any case, and its own examples write this one in two. */
const withEndPoint = (body: unknown) =>
  typeof body === 'object' && body && 'endpoint' in body ? { ...body, endPoint: body.endpoint } : body

function matches(subscription: Subscription, event: CloudEvent): boolean {
  const { resourceFilter, sourceFilter, subjectFilter, alternativeSubjectFilter, typeFilter } = subscription
  return (
    event.resource === resourceFilter &&
    (!sourceFilter || `${event.source}/`.startsWith(`${sourceFilter.replace(/\/+$/, '')}/`)) &&
    (!subjectFilter || event.subject === subjectFilter) &&
    (!alternativeSubjectFilter || event.alternativesubject === alternativeSubjectFilter) &&
    (!typeFilter || event.type === typeFilter)
  )
}

/** Whether the end point took the event. */
async function post({ subscription, cancelled }: Delivery, event: object): Promise<boolean> {
  try {
    const response = await fetch(subscription.endPoint, {
      method: 'POST',
      headers: { 'content-type': 'application/cloudevents+json' },
      body: JSON.stringify(event),
      signal: AbortSignal.any([cancelled.signal, AbortSignal.timeout(TIMEOUT_MS)]),
    })
    await response.body?.cancel()
    return response.ok
  } catch {
    return false
  }
}

async function postAgain(delivery: Delivery, event: object): Promise<boolean> {
  for (const ms of PAUSES_MS) {
    const waited = await pause(ms, true, { signal: delivery.cancelled.signal }).catch(() => false)
    if (!waited) return false
    if (await post(delivery, event)) return true
  }
  return false
}
