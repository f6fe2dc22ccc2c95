import type { InvocationContext } from '@azure/functions'
import type { Measure } from '../../usecases/ports/telemetry.js'
import { responseOf } from './backpressure.js'

type Deps = { measure: Measure; nowMs: () => number }

/**
 * Runs an invocation; an HTTP call is measured by its outcome. A call whose client has left by then is no failure,
 * whatever its answer: to the app, a body that ends too early looks like a store that failed.
 */
export async function measuredCall(
  { measure, nowMs }: Deps,
  { functionName, invocationId, options }: InvocationContext,
  work: () => Promise<unknown>,
): Promise<unknown> {
  if (options.trigger.type !== 'httpTrigger') return work()
  const startedMs = nowMs()
  const response = responseOf(invocationId)
  let outcome = 'failed'
  try {
    const answer = await work()
    outcome = outcomeOf(answer)
    return answer
  } finally {
    if (response?.destroyed) outcome = 'left'
    measure('requestTime', (nowMs() - startedMs) / 1000, { operation: functionName, outcome })
  }
}

function outcomeOf(answer: unknown): 'served' | 'refused' | 'failed' {
  const { status = 200 } = (answer ?? {}) as { status?: number }
  if (status >= 500) return 'failed'
  return status >= 400 ? 'refused' : 'served'
}
