import { z } from 'zod'
import { type Answer, json, parseJson, type Route, text } from './http.js'

const targets = ['events', 'pdp', 'register', 'resourceregistry'] as const
type Target = (typeof targets)[number]

const fault = z.strictObject({
  target: z.enum(targets),
  status: z.int().min(400).max(599),
  times: z.int().min(0).max(1_000_000),
})

/** Failures on order: `POST /faults` asks for them, and the routes given to `failing` then fail that often. */
export function orderedFaults() {
  const outbox = new Map<Target, { status: number; times: number }>()

  const take = (target: Target): Answer | undefined => {
    const next = outbox.get(target)
    if (!next || next.times === 0) return undefined
    next.times -= 1
    return text(next.status, 'A failure on order')
  }

  const routes: Route[] = [
    {
      method: 'POST',
      path: '/faults',
      answer: async (call) => {
        const asked = fault.safeParse(parseJson(await call.text()))
        if (!asked.success) return text(400, `The failures cannot be ordered: ${z.prettifyError(asked.error)}`)
        const { target, ...failures } = asked.data
        outbox.set(target, failures)
        return json(200, asked.data)
      },
    },
  ]

  return {
    routes,
    failing: (target: Target, those: Route[]): Route[] =>
      those.map((route) => ({ ...route, answer: (call) => take(target) ?? route.answer(call) })),
  }
}
