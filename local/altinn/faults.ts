import { setTimeout as pause } from 'node:timers/promises'
import { Hono, type MiddlewareHandler } from 'hono'
import { z } from 'zod'
import { jsonBody } from './jsonBody.js'

const targets = ['events', 'pdp', 'register', 'resourceregistry'] as const
type Target = (typeof targets)[number]

const fault = z.strictObject({
  target: z.enum(targets),
  /** Without it the call is answered as usual, after the delay. */
  status: z.int().min(400).max(599).optional(),
  delayMs: z.int().min(0).max(120_000).default(0),
  times: z.int().min(0).max(1_000_000),
})

/** Failures on order: `POST /faults` asks for them; the routes behind `failing` then fail, or are slow, that often. */
export function orderedFaults() {
  const ordered = new Map<Target, { status?: number | undefined; delayMs: number; times: number }>()

  const routes = new Hono().post('/faults', async (c) => {
    const order = fault.safeParse(await jsonBody(c))
    if (!order.success) return c.text(`The failures cannot be ordered: ${z.prettifyError(order.error)}`, 400)
    const { target, ...failures } = order.data
    ordered.set(target, failures)
    return c.json(order.data)
  })

  const failing =
    (target: Target): MiddlewareHandler =>
    async (_, next) => {
      const failure = ordered.get(target)
      if (!failure || failure.times === 0) return next()
      failure.times -= 1
      await pause(failure.delayMs)
      if (failure.status === undefined) return next()
      return new Response('A failure on order', { status: failure.status })
    }

  return { routes, failing }
}
