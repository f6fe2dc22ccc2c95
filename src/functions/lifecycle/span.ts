import type { InvocationContext } from '@azure/functions'
import { z } from 'zod'
import type { Span } from '../../usecases/ports/telemetry.js'

/** The property by which Azure's SDKs hand on the W3C trace parent of who sent a message; the Functions host writes it so. */
const sent = z.object({ applicationProperties: z.object({ 'diagnostic-Id': z.string() }) })

/** An invocation as a step of a trace. */
export function spanOf({ functionName, options, traceContext, triggerMetadata }: InvocationContext): Span {
  const name = functionName
  const host = traceContext?.traceParent || undefined
  switch (options.trigger.type) {
    case 'httpTrigger':
      return { name, kind: 'server', parent: host }
    case 'serviceBusTrigger': {
      const sender = sent.safeParse(triggerMetadata).data?.applicationProperties['diagnostic-Id']
      return { name, kind: 'consumer', parent: sender && !isSameTrace(host, sender) ? sender : host }
    }
    default:
      return { name, kind: 'internal', parent: host }
  }
}

/** A host that has read the message itself stands between its sender and us. */
const isSameTrace = (one = '', other = '') => one.slice(0, 35) === other.slice(0, 35)
