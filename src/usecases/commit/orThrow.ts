import type { Result } from '../../domain/result.js'

/** For work on a message: a change that is refused throws, to have the message redelivered. */
export async function orThrow<Value, Reason>(result: Promise<Result<Value, Reason>>): Promise<Value> {
  const settled = await result
  if (!settled.ok) throw new Error(`Refused: ${settled.reason}`)
  return settled.value
}
