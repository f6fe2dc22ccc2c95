import { appendFileSync } from 'node:fs'
import { z } from 'zod'

const RESOURCE = 'urn:altinn:resource:'

/** A CloudEvent as Altinn Events takes it; members beyond these are kept as they came. */
export const cloudEvent = z.looseObject({
  specversion: z.literal('1.0'),
  id: z.string().min(1),
  type: z.string().min(1),
  source: z.url(),
  time: z.iso.datetime({ offset: true }),
  subject: z.string().min(1),
  alternativesubject: z.string().min(1).optional(),
  resource: z.string().startsWith(RESOURCE, `must begin with ${RESOURCE}`),
  resourceinstance: z.string().min(1).optional(),
  data: z.unknown().optional(),
})
export type CloudEvent = z.infer<typeof cloudEvent>

/** One receipt, with the W3C trace parent that it came with. The same event received twice is two of them. */
export type Received = { receivedAt: string; event: CloudEvent; traceparent?: string }

const MAX_KEPT = 100_000

/**
 * The newest events received, and those about one file transfer, in the order they came. `file`: each is appended there
 * before its publisher is answered.
 */
export function eventStore({ maxKept = MAX_KEPT, file }: { maxKept?: number; file?: string | undefined } = {}) {
  const byInstance = new Map<string, Received[]>()
  // Receipts are numbered; those below `oldest` are forgotten.
  const kept = new Map<number, Received>()
  let next = 0
  let oldest = 0

  const forgetOldest = () => {
    const instance = kept.get(oldest)?.event.resourceinstance ?? ''
    const about = byInstance.get(instance)
    about?.shift()
    if (about?.length === 0) byInstance.delete(instance)
    kept.delete(oldest)
    oldest += 1
  }

  return {
    add(event: CloudEvent, traceparent?: string): void {
      const received = { receivedAt: new Date().toISOString(), event, ...(traceparent && { traceparent }) }
      if (file) appendFileSync(file, `${JSON.stringify(received)}\n`)
      kept.set(next, received)
      next += 1
      const instance = event.resourceinstance ?? ''
      const about = byInstance.get(instance)
      if (about) about.push(received)
      else byInstance.set(instance, [received])
      if (kept.size > maxKept) forgetOldest()
    },
    about: (resourceInstance: string): Received[] => byInstance.get(resourceInstance) ?? [],
    /** Newest first. */
    newest(count: number): Received[] {
      const numbers = Array.from({ length: Math.min(count, kept.size) }, (_, back) => next - 1 - back)
      return numbers.flatMap((number) => kept.get(number) ?? [])
    },
    count: () => kept.size,
  }
}

export type EventStore = ReturnType<typeof eventStore>
