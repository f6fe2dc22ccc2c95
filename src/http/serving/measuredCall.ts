import type { HttpRequest, InvocationContext } from '@azure/functions'
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
  input: unknown,
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
    const operation = isWait(input as HttpRequest) ? `${functionName}.wait` : functionName
    measure('requestTime', (nowMs() - startedMs) / 1000, { operation, outcome })
  }
}

/** A call that waits on purpose: it has a name of its own, so that it does not look slow. */
const isWait = ({ query }: HttpRequest) => query?.has('waitFor') === true

function outcomeOf(answer: unknown): 'served' | 'refused' | 'failed' {
  const { status = 200 } = (answer ?? {}) as { status?: number }
  if (status >= 500) return 'failed'
  return status >= 400 ? 'refused' : 'served'
}
