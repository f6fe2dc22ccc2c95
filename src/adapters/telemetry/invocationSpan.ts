import type { InvocationContext } from '@azure/functions'
import { z } from 'zod'
import type { Span } from '../../usecases/ports/telemetry.js'

/** Azure's SDKs have the trace parent of a message's sender in this property; the Functions host writes it so. */
const message = z.object({ applicationProperties: z.object({ 'diagnostic-Id': z.string() }) })

/** The span of an invocation. */
export function spanOf({ functionName, options, traceContext, triggerMetadata }: InvocationContext): Span {
  const name = functionName
  const host = traceContext?.traceParent || undefined
  switch (options.trigger.type) {
    case 'httpTrigger':
      return { name, kind: 'server', parent: host }
    case 'serviceBusTrigger': {
      const sender = message.safeParse(triggerMetadata).data?.applicationProperties['diagnostic-Id']
      return { name, kind: 'consumer', parent: sender && !isSameTrace(host, sender) ? sender : host }
    }
    default:
      return { name, kind: 'internal', parent: host }
  }
}

/** The host may have received the message itself, in a span of the same trace. */
const isSameTrace = (one = '', other = '') => one.slice(0, 35) === other.slice(0, 35)
