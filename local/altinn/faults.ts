import { Hono, type MiddlewareHandler } from 'hono'
import { z } from 'zod'
import { jsonBody } from './jsonBody.js'

const targets = ['events', 'pdp', 'register', 'resourceregistry'] as const
type Target = (typeof targets)[number]

const fault = z.strictObject({
  target: z.enum(targets),
  status: z.int().min(400).max(599),
  times: z.int().min(0).max(1_000_000),
})

/** Failures on order: `POST /faults` asks for them, and the routes behind `failing` then fail that often. */
export function orderedFaults() {
  const outbox = new Map<Target, { status: number; times: number }>()

  const routes = new Hono().post('/faults', async (c) => {
    const order = fault.safeParse(await jsonBody(c))
    if (!order.success) return c.text(`The failures cannot be ordered: ${z.prettifyError(order.error)}`, 400)
    const { target, ...failures } = order.data
    outbox.set(target, failures)
    return c.json(order.data)
  })

  const failing =
    (target: Target): MiddlewareHandler =>
    async (_, next) => {
      const failure = outbox.get(target)
      if (!failure || failure.times === 0) return next()
      failure.times -= 1
      return new Response('A failure on order', { status: failure.status })
    }

  return { routes, failing }
}
